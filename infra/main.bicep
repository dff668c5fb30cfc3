// Second layer: storage, telemetry and the app. It stands on what keys.bicep made, and on an HSM that has been activated.
targetScope = 'subscription'

import { Stage } from 'stages.bicep'
import { globalName, names, ownRole, resourceGroupName } from 'names.bicep'

@description('The azd environment, as in the first layer.')
@minLength(1)
@maxLength(64)
param environmentName string

@description('The region, as in the first layer.')
@minLength(1)
param location string

@description('Test or production: stages.bicep.')
param stage Stage

@description('Address of the HSM or vault, from the first layer.')
param vaultAddress string

@description('The application id of the SAM\'s registration in Entra ID (hooks/register-app.sh).')
@minLength(36)
@maxLength(36)
param entraClientId string

@description('SHA-256 of the secret by which the first officers are named (hooks/initialization-secret.sh), in hexadecimal.')
@minLength(64)
@maxLength(64)
param initializationDigest string

@description('The country that info names, ISO 3166-1 alpha-2.')
@minLength(2)
@maxLength(2)
param country string

@description('The address that clients use, when something stands in front of the app; empty: the app\'s own.')
param publicAddress string

@description('Which factors must reach the SAM encrypted: a PIN that is the only one, all, or none, which two security officers decide.')
@allowed(['PinAlone', 'Always', 'None'])
param encryptionDemand string

@description('The key to which factors are encrypted, sam-factors/VERSION, once a ceremony has made it; empty: none yet, and then no factor can come encrypted.')
param factorKey string

@description('The action group that is told when the package is written; empty: the alert is seen in the portal only.')
param alertActionGroup string

var token = uniqueString(subscription().id, environmentName, location)
var hostName = globalName('host', token)
var rowsName = globalName('rows', token)
var auditName = globalName('audit', token)
var packageName = globalName('package', token)
var appName = 'sam-${token}'
var packages = 'packages'
// The witness of the audit chains, outside the tables that it witnesses.
var heads = 'heads'
var blobDataOwner = subscriptionResourceId('Microsoft.Authorization/roleDefinitions', 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b')
var blobDataReader = subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '2a2b9908-6ea1-4ae2-8e65-a410df84e7d1')

resource group 'Microsoft.Resources/resourceGroups@2025-04-01' existing = {
  name: resourceGroupName(environmentName)
}

resource sam 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  scope: group
  name: names.identity
}

resource packageIdentity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  scope: group
  name: names.packageIdentity
}

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-02-01' existing = {
  scope: group
  name: names.logs
}

module hostStorage 'app/storage.bicep' = {
  scope: group
  params: {
    location: location
    name: hostName
    sku: stage.storageSku
    private: stage.private
    // Nothing of ours: the host makes its containers itself.
    blobs: true
    workspaceId: workspace.id
  }
}

// Not in the host's account: there the SAM's identity is owner of all blobs, and whoever had one of its tokens would choose the code of every later start.
module packageStorage 'app/storage.bicep' = {
  scope: group
  params: {
    location: location
    name: packageName
    sku: stage.storageSku
    private: stage.private
    containers: [packages]
    keepVersions: true
    workspaceId: workspace.id
  }
}

module packageAlert 'app/package-alert.bicep' = {
  scope: group
  params: {
    accountName: packageName
    actionGroup: alertActionGroup
  }
  dependsOn: [packageStorage]
}

module rowStorage 'app/storage.bicep' = {
  scope: group
  params: {
    location: location
    name: rowsName
    sku: stage.storageSku
    private: stage.private
    tables: ['samSigners', 'samLogins', 'samTransactions', 'samClients', 'samRegistry', 'samKeys']
    workspaceId: workspace.id
  }
}

module auditStorage 'app/storage.bicep' = {
  scope: group
  params: {
    location: location
    name: auditName
    sku: stage.storageSku
    private: stage.private
    tables: ['samAudit']
    containers: [heads]
    immutableContainer: heads
    retentionDays: stage.headRetentionDays
    workspaceId: workspace.id
  }
}

module rowUser 'app/role.bicep' = {
  scope: group
  params: {
    id: ownRole(token, 'row user')
    name: 'row user'
    token: token
    summary: 'Reads and writes rows; makes and deletes no tables (Storage Table Data Contributor does).'
    dataActions: [
      'Microsoft.Storage/storageAccounts/tableServices/tables/entities/read'
      'Microsoft.Storage/storageAccounts/tableServices/tables/entities/write'
      'Microsoft.Storage/storageAccounts/tableServices/tables/entities/add/action'
      'Microsoft.Storage/storageAccounts/tableServices/tables/entities/update/action'
      'Microsoft.Storage/storageAccounts/tableServices/tables/entities/delete'
    ]
  }
}

module auditWriter 'app/role.bicep' = {
  scope: group
  params: {
    id: ownRole(token, 'audit writer')
    name: 'audit writer'
    token: token
    summary: 'Adds rows and blobs and reads them; changes and deletes none. Whoever takes over the SAM can lie from then on, and cannot take back what was said.'
    dataActions: [
      'Microsoft.Storage/storageAccounts/tableServices/tables/entities/read'
      'Microsoft.Storage/storageAccounts/tableServices/tables/entities/add/action'
      'Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read'
      'Microsoft.Storage/storageAccounts/blobServices/containers/blobs/add/action'
    ]
  }
}

// Given to nobody here: hooks/open-package.sh gives it for the minutes of a deployment. Without delete, and without the containers that Storage Blob Data Contributor has.
module packageWriter 'app/role.bicep' = {
  scope: group
  params: {
    id: ownRole(token, 'package writer')
    name: 'package writer'
    token: token
    summary: 'Writes the package; deletes nothing. Given for the time of a deployment.'
    dataActions: [
      'Microsoft.Storage/storageAccounts/blobServices/containers/blobs/write'
      'Microsoft.Storage/storageAccounts/blobServices/containers/blobs/add/action'
    ]
  }
}

module packageRole 'app/storage-role.bicep' = {
  scope: group
  params: {
    accountName: packageName
    principalId: packageIdentity.properties.principalId
    roleId: blobDataReader
  }
  dependsOn: [packageStorage]
}

module hostRole 'app/storage-role.bicep' = {
  scope: group
  params: {
    accountName: hostName
    principalId: sam.properties.principalId
    roleId: blobDataOwner
  }
  dependsOn: [hostStorage]
}

module rowRole 'app/storage-role.bicep' = {
  scope: group
  params: {
    accountName: rowsName
    principalId: sam.properties.principalId
    roleId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', ownRole(token, 'row user'))
  }
  dependsOn: [rowStorage, rowUser]
}

module auditRole 'app/storage-role.bicep' = {
  scope: group
  params: {
    accountName: auditName
    principalId: sam.properties.principalId
    roleId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', ownRole(token, 'audit writer'))
  }
  dependsOn: [auditStorage, auditWriter]
}

module insights 'app/insights.bicep' = {
  scope: group
  params: {
    location: location
    private: stage.private
    workspaceId: workspace.id
    samPrincipalId: sam.properties.principalId
  }
}

module app 'app/function-app.bicep' = {
  scope: group
  params: {
    location: location
    name: appName
    private: stage.private
    zoneRedundant: stage.zoneRedundant
    alwaysReadyInstances: stage.alwaysReadyInstances
    hostAccountName: hostName
    packageContainer: '${packageStorage.outputs.blobEndpoint}${packages}'
    publicAddress: publicAddress
    insightsConnectionString: insights.outputs.connectionString
    workspaceId: workspace.id
    // Every name is one that the SAM reads: a misspelled one stops its start. None of the values is a secret; there is none to be had.
    samSettings: union(empty(factorKey) ? {} : { Sam__Encryption__Keys__0: factorKey }, {
      Sam__Encryption__Demand: encryptionDemand
      Sam__Info__Region: country
      Sam__Authentication__Mode: 'EntraId'
      Sam__Authentication__EntraId__Instance: environment().authentication.loginEndpoint
      Sam__Authentication__EntraId__TenantId: tenant().tenantId
      Sam__Authentication__EntraId__ClientId: entraClientId
      Sam__Storage__Endpoint: rowStorage.outputs.tableEndpoint
      Sam__Storage__ManagedIdentityClientId: sam.properties.clientId
      Sam__Storage__CreateTables: 'false'
      Sam__Audit__Endpoint: auditStorage.outputs.tableEndpoint
      Sam__Audit__ManagedIdentityClientId: sam.properties.clientId
      Sam__Audit__CreateTables: 'false'
      Sam__Officers__InitializationSecretDigest: initializationDigest
      Sam__ManagedHsm__Endpoint: vaultAddress
      Sam__ManagedHsm__ManagedIdentityClientId: sam.properties.clientId
    })
  }
  // The app starts as soon as it exists, and without these it fails to.
  dependsOn: [hostRole, packageRole, rowRole, auditRole]
}

output SAM_URL string = app.outputs.address
output SAM_AUDIT_ACCOUNT string = auditName
output SAM_PACKAGE_ACCOUNT_ID string = packageStorage.outputs.id
output SAM_PACKAGE_WRITER string = ownRole(token, 'package writer')
