// First layer: who the SAM is, where its keys are, and the network around them. An HSM must be activated before anything can use it; hooks/activate-hsm.sh does that next.
targetScope = 'subscription'

import { Stage } from 'stages.bicep'
import { globalName, names, ownRole, privateZone, resourceGroupName } from 'names.bicep'

@description('The azd environment: it names the resource group and, hashed, all that has a name in the world.')
@minLength(1)
@maxLength(64)
param environmentName string

@description('The region.')
@minLength(1)
param location string

@description('Test or production: stages.bicep.')
param stage Stage

@description('Object ids of the HSM\'s first administrators.')
param hsmAdministrators string[]

var token = uniqueString(subscription().id, environmentName, location)
var isHsm = stage.vault == 'managedHsm'
var vaultName = globalName(isHsm ? 'hsm' : 'kv', token)
var vaultZone = privateZone(isHsm ? 'managedhsm.azure.net' : 'vaultcore.azure.net')
var zones = [
  vaultZone
  privateZone('blob.${environment().suffixes.storage}')
  privateZone('table.${environment().suffixes.storage}')
  privateZone('azurewebsites.net')
  privateZone('monitor.azure.com')
  privateZone('oms.opinsights.azure.com')
  privateZone('ods.opinsights.azure.com')
  privateZone('agentsvc.azure-automation.net')
]

resource group 'Microsoft.Resources/resourceGroups@2025-04-01' = {
  name: resourceGroupName(environmentName)
  location: location
  tags: { 'azd-env-name': environmentName }
}

module sam 'app/identity.bicep' = {
  scope: group
  params: {
    location: location
    name: names.identity
  }
}

// Import is a ceremony, not a request: it has an identity of its own, which the app does not carry.
module importer 'app/identity.bicep' = {
  scope: group
  params: {
    location: location
    name: names.importIdentity
  }
}

// The app carries it, to read its own package by; the SAM's identity, whose tokens the SAM's code handles all day, has no way to the package.
module package 'app/identity.bicep' = {
  scope: group
  params: {
    location: location
    name: names.packageIdentity
  }
}

module logs 'app/logs.bicep' = {
  scope: group
  params: {
    location: location
    private: stage.private
    retentionDays: stage.logRetentionDays
  }
}

module network 'app/network.bicep' = if (stage.private) {
  scope: group
  params: {
    location: location
    zones: zones
    workspaceId: logs.outputs.id
    zoneRedundant: stage.zoneRedundant
  }
}

module hsm 'app/hsm.bicep' = if (isHsm) {
  scope: group
  params: {
    location: location
    name: vaultName
    administrators: hsmAdministrators
    softDeleteDays: stage.softDeleteDays
    private: stage.private
    workspaceId: logs.outputs.id
  }
}

module keyUser 'app/role.bicep' = if (!isHsm) {
  scope: group
  params: {
    id: ownRole(token, 'key user')
    name: 'key user'
    token: token
    summary: 'Makes, reads, uses and deletes keys; neither exports, backs up, restores, rotates, recovers nor purges them.'
    dataActions: [
      'Microsoft.KeyVault/vaults/keys/read'
      'Microsoft.KeyVault/vaults/keys/create/action'
      'Microsoft.KeyVault/vaults/keys/delete'
      'Microsoft.KeyVault/vaults/keys/sign/action'
      'Microsoft.KeyVault/vaults/keys/wrap/action'
      'Microsoft.KeyVault/vaults/keys/unwrap/action'
    ]
  }
}

module anchorWriter 'app/role.bicep' = if (!isHsm) {
  scope: group
  params: {
    id: ownRole(token, 'anchor writer')
    name: 'anchor writer'
    token: token
    summary: 'Changes the attributes and tags of the one key it is given for.'
    dataActions: [
      'Microsoft.KeyVault/vaults/keys/update/action'
    ]
  }
}

module keyImporter 'app/role.bicep' = if (!isHsm) {
  scope: group
  params: {
    id: ownRole(token, 'key importer')
    name: 'key importer'
    token: token
    summary: 'Imports keys and reads their public parts; uses none.'
    dataActions: [
      'Microsoft.KeyVault/vaults/keys/read'
      'Microsoft.KeyVault/vaults/keys/import/action'
    ]
  }
}

module vault 'app/vault.bicep' = if (!isHsm) {
  scope: group
  params: {
    location: location
    name: vaultName
    softDeleteDays: stage.softDeleteDays
    private: stage.private
    workspaceId: logs.outputs.id
    samPrincipalId: sam.outputs.principalId
    importPrincipalId: importer.outputs.principalId
    samRoleId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', ownRole(token, 'key user'))
    importRoleId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', ownRole(token, 'key importer'))
    anchorRoleId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', ownRole(token, 'anchor writer'))
  }
  dependsOn: [keyUser, keyImporter, anchorWriter]
}

module vaultEndpoint 'app/private-endpoint.bicep' = if (stage.private) {
  scope: group
  params: {
    location: location
    name: 'sam-keys'
    targetId: resourceId(
      subscription().subscriptionId,
      group.name,
      isHsm ? 'Microsoft.KeyVault/managedHSMs' : 'Microsoft.KeyVault/vaults',
      vaultName
    )
    groupId: isHsm ? 'managedhsm' : 'vault'
    zones: [vaultZone]
  }
  dependsOn: [network, hsm, vault]
}

output AZURE_RESOURCE_GROUP string = group.name
output SAM_HSM_NAME string = isHsm ? vaultName : ''
output SAM_VAULT_ADDRESS string = isHsm ? hsm!.outputs.address : vault!.outputs.address
output SAM_PRINCIPAL_ID string = sam.outputs.principalId
output SAM_IMPORT_PRINCIPAL_ID string = importer.outputs.principalId
output SAM_PACKAGE_PRINCIPAL_ID string = package.outputs.principalId
