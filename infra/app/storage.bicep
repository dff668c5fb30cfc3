// One storage account: tables or blobs, reached by identities only. There are four, because roles, network and retention differ, and because the host's
// role on its own account (owner of all blobs in it) must reach neither the audit nor the package that the app is started from.

import { privateZone } from '../names.bicep'

@description('The region.')
param location string

@description('The account\'s name, unique in the world.')
@minLength(3)
@maxLength(24)
param name string

@description('How many copies there are, and where.')
param sku 'Standard_LRS' | 'Standard_ZRS'

@description('Whether it is reached inside the network only.')
param private bool

@description('Its tables. The SAM has no right to make any.')
param tables string[] = []

@description('Its blob containers.')
param containers string[] = []

@description('Whether blobs are used. Without containers: somebody else makes them.')
param blobs bool = !empty(containers)

@description('Whether what was overwritten or deleted stays, as an older version.')
param keepVersions bool = false

@description('The container whose blobs cannot be changed or deleted; one of containers.')
param immutableContainer string?

@description('For how many days.')
param retentionDays int = 1

@description('Where its log goes.')
param workspaceId string

resource account 'Microsoft.Storage/storageAccounts@2025-06-01' = {
  name: name
  location: location
  kind: 'StorageV2'
  sku: { name: sku }
  properties: {
    accessTier: 'Hot'
    // A key opens the whole account to whoever reads it once, and no log says who used it.
    allowSharedKeyAccess: false
    defaultToOAuthAuthentication: true
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    publicNetworkAccess: private ? 'Disabled' : 'Enabled'
    networkAcls: {
      bypass: 'None'
      defaultAction: private ? 'Deny' : 'Allow'
      ipRules: []
      virtualNetworkRules: []
    }
    encryption: {
      keySource: 'Microsoft.Storage'
      services: {
        blob: { enabled: true }
        // Account: the only scope in which a key of one's own could be named later.
        table: { enabled: true, keyType: 'Account' }
      }
    }
  }
}

resource blobService 'Microsoft.Storage/storageAccounts/blobServices@2025-06-01' = if (blobs) {
  parent: account
  name: 'default'
  properties: keepVersions
    ? {
        isVersioningEnabled: true
        deleteRetentionPolicy: { enabled: true, days: 90 }
        containerDeleteRetentionPolicy: { enabled: true, days: 90 }
      }
    : {}
}

resource container 'Microsoft.Storage/storageAccounts/blobServices/containers@2025-06-01' = [
  for containerName in containers: {
    parent: blobService
    name: containerName
    properties: { publicAccess: 'None' }
  }
]

// Made unlocked: an unlocked policy can still be shortened and taken away. hooks/lock-heads.sh locks it, once, for good.
resource policy 'Microsoft.Storage/storageAccounts/blobServices/containers/immutabilityPolicies@2025-06-01' = if (immutableContainer != null) {
  name: '${name}/default/${immutableContainer!}/default'
  properties: {
    immutabilityPeriodSinceCreationInDays: retentionDays
    // Heads come one by one: blocks may be appended to an append blob, and none be changed. It cannot be turned on after the lock.
    allowProtectedAppendWrites: true
  }
  dependsOn: [container]
}

resource tableService 'Microsoft.Storage/storageAccounts/tableServices@2025-06-01' = if (!empty(tables)) {
  parent: account
  name: 'default'
}

resource table 'Microsoft.Storage/storageAccounts/tableServices/tables@2025-06-01' = [
  for tableName in tables: {
    parent: tableService
    name: tableName
  }
]

resource blobDiagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = if (blobs) {
  scope: blobService
  name: 'to-workspace'
  properties: {
    workspaceId: workspaceId
    logs: [{ categoryGroup: 'allLogs', enabled: true }]
    metrics: [{ category: 'Transaction', enabled: true }]
  }
}

resource tableDiagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = if (!empty(tables)) {
  scope: tableService
  name: 'to-workspace'
  properties: {
    workspaceId: workspaceId
    logs: [{ categoryGroup: 'allLogs', enabled: true }]
    metrics: [{ category: 'Transaction', enabled: true }]
  }
}

module blobEndpoint 'private-endpoint.bicep' = if (private && blobs) {
  params: {
    location: location
    name: '${name}-blob'
    targetId: account.id
    groupId: 'blob'
    zones: [privateZone('blob.${environment().suffixes.storage}')]
  }
}

module tableEndpoint 'private-endpoint.bicep' = if (private && !empty(tables)) {
  params: {
    location: location
    name: '${name}-table'
    targetId: account.id
    groupId: 'table'
    zones: [privateZone('table.${environment().suffixes.storage}')]
  }
}

// No endpoint of a service that is not used: those stay closed by publicNetworkAccess, and have no way in.
output id string = account.id
output blobEndpoint string = account.properties.primaryEndpoints.blob
output tableEndpoint string = account.properties.primaryEndpoints.table
