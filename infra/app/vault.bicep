// A Key Vault Premium, in place of a Managed HSM: shared HSMs, the same interface, roles by Azure itself.

@description('The region.')
param location string

@description('The vault\'s name, unique in the world.')
@minLength(3)
@maxLength(24)
param name string

@description('Retention of what was deleted, for good once set.')
param softDeleteDays int

@description('Whether it is reached inside the network only.')
param private bool

@description('Where its log goes.')
param workspaceId string

@description('The SAM\'s identity.')
param samPrincipalId string

@description('The identity that imports keys.')
param importPrincipalId string

@description('The SAM\'s role, of keys.bicep.')
param samRoleId string

@description('The importer\'s role, of keys.bicep.')
param importRoleId string

@description('The role that writes the anchor, of keys.bicep.')
param anchorRoleId string

resource vault 'Microsoft.KeyVault/vaults@2026-02-01' = {
  name: name
  location: location
  properties: {
    tenantId: tenant().tenantId
    sku: {
      family: 'A'
      name: 'premium'
    }
    enableRbacAuthorization: true
    enabledForDeployment: false
    enabledForDiskEncryption: false
    enabledForTemplateDeployment: false
    enableSoftDelete: true
    softDeleteRetentionInDays: softDeleteDays
    // Also in a test: "destroyed" must mean there what it means in production. The name is taken until the retention ends.
    enablePurgeProtection: true
    publicNetworkAccess: private ? 'Disabled' : 'Enabled'
    networkAcls: {
      bypass: 'None'
      defaultAction: private ? 'Deny' : 'Allow'
    }
  }
}

resource samRole 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: vault
  name: guid(vault.id, samPrincipalId, samRoleId)
  properties: {
    principalId: samPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: samRoleId
  }
}

// The SAM would make it itself, but a role on one key needs the key. One that is there is left as it is, with its tags: they are the anchor.
resource anchorKey 'Microsoft.KeyVault/vaults/keys@2026-02-01' = {
  parent: vault
  name: 'sam-anchor'
  properties: {
    kty: 'EC-HSM'
    curveName: 'P-256'
    keyOps: ['verify']
  }
}

resource anchorRole 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: anchorKey
  name: guid(anchorKey.id, samPrincipalId, anchorRoleId)
  properties: {
    principalId: samPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: anchorRoleId
  }
}

resource importRole 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: vault
  name: guid(vault.id, importPrincipalId, importRoleId)
  properties: {
    principalId: importPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: importRoleId
  }
}

resource diagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: vault
  name: 'to-workspace'
  properties: {
    workspaceId: workspaceId
    logs: [{ categoryGroup: 'allLogs', enabled: true }]
    metrics: [{ category: 'AllMetrics', enabled: true }]
  }
}

output address string = vault.properties.vaultUri
