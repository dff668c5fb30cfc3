// Traces and metrics of the app. Written by its identity, never by the key that the connection string names.

import { privateZone } from '../names.bicep'

@description('The region.')
param location string

@description('Whether it is reached inside the network only.')
param private bool

@description('The workspace behind it.')
param workspaceId string

@description('The SAM\'s identity.')
param samPrincipalId string

var monitoringMetricsPublisher = '3913510d-42f4-4e42-8a64-420c390055eb'

resource insights 'Microsoft.Insights/components@2020-02-02' = {
  name: 'sam'
  location: location
  kind: 'web'
  properties: {
    Application_Type: 'web'
    WorkspaceResourceId: workspaceId
    DisableLocalAuth: true
    publicNetworkAccessForIngestion: private ? 'Disabled' : 'Enabled'
    publicNetworkAccessForQuery: private ? 'Disabled' : 'Enabled'
  }
}

resource role 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: insights
  name: guid(insights.id, samPrincipalId, monitoringMetricsPublisher)
  properties: {
    principalId: samPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', monitoringMetricsPublisher)
  }
}

// Azure Monitor has one private entrance per network, for workspace and traces together; its zones then answer for all of Azure Monitor in this network.
resource entrance 'Microsoft.Insights/privateLinkScopes@2021-07-01-preview' = if (private) {
  name: 'sam'
  location: 'global'
  properties: {
    accessModeSettings: {
      ingestionAccessMode: 'PrivateOnly'
      queryAccessMode: 'PrivateOnly'
    }
  }
}

resource entranceToInsights 'Microsoft.Insights/privateLinkScopes/scopedResources@2021-07-01-preview' = if (private) {
  parent: entrance
  name: 'insights'
  properties: { linkedResourceId: insights.id }
}

resource entranceToWorkspace 'Microsoft.Insights/privateLinkScopes/scopedResources@2021-07-01-preview' = if (private) {
  parent: entrance
  name: 'workspace'
  properties: { linkedResourceId: workspaceId }
}

module endpoint 'private-endpoint.bicep' = if (private) {
  params: {
    location: location
    name: 'sam-monitor'
    targetId: entrance.id
    groupId: 'azuremonitor'
    zones: [
      privateZone('monitor.azure.com')
      privateZone('oms.opinsights.azure.com')
      privateZone('ods.opinsights.azure.com')
      privateZone('agentsvc.azure-automation.net')
      privateZone('blob.${environment().suffixes.storage}')
    ]
  }
  dependsOn: [entranceToInsights, entranceToWorkspace]
}

output connectionString string = insights.properties.ConnectionString
