// Told whenever something changes the app's package, or tries to. Each of these alerts must belong to a deployment that somebody knows of. A metric, not a query of the log:
// it is there within minutes, and asks for no way into the workspace.

@description('The account of the package.')
param accountName string

@description('The action group that is told; empty: none.')
param actionGroup string

resource account 'Microsoft.Storage/storageAccounts@2025-06-01' existing = {
  name: accountName

  resource blobService 'blobServices' existing = {
    name: 'default'
  }
}

resource written 'Microsoft.Insights/metricAlerts@2018-03-01' = {
  name: 'sam-package-written'
  location: 'global'
  properties: {
    description: 'The package that the SAM is started from was written. If nobody has deployed just now, stop the app.'
    enabled: true
    severity: 1
    scopes: [account::blobService.id]
    evaluationFrequency: 'PT5M'
    windowSize: 'PT5M'
    autoMitigate: false
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
      allOf: [
        {
          criterionType: 'StaticThresholdCriterion'
          name: 'written'
          metricNamespace: 'Microsoft.Storage/storageAccounts/blobServices'
          metricName: 'Transactions'
          timeAggregation: 'Total'
          operator: 'GreaterThan'
          threshold: 0
          dimensions: [
            {
              // Refused ones, too: an attempt is worth knowing of.
              name: 'ApiName'
              operator: 'Include'
              values: [
                'PutBlob'
                'PutBlobFromURL'
                'PutBlock'
                'PutBlockFromURL'
                'PutBlockList'
                'PutPage'
                'AppendBlock'
                'CopyBlob'
                'SetBlobMetadata'
                'SetBlobProperties'
                'UndeleteBlob'
                'DeleteBlob'
                'CreateContainer'
                'DeleteContainer'
                'SetContainerACL'
                'SetBlobServiceProperties'
              ]
            }
          ]
        }
      ]
    }
    actions: empty(actionGroup) ? [] : [{ actionGroupId: actionGroup }]
  }
}
