// A Managed HSM. It does nothing until it is activated (hooks/activate-hsm.sh), and its own roles are no Azure resources (roles/managed-hsm.tsv).

@description('The region.')
param location string

@description('The HSM\'s name, unique in the world.')
@minLength(3)
@maxLength(24)
param name string

@description('Object ids of its first administrators: they download the security domain and give roles, and can use no key.')
@minLength(1)
param administrators string[]

@description('Retention of what was deleted, for good once set.')
param softDeleteDays int

@description('Whether it is reached inside the network only.')
param private bool

@description('Where its log goes: every operation, also refused ones.')
param workspaceId string

resource hsm 'Microsoft.KeyVault/managedHSMs@2026-02-01' = {
  name: name
  location: location
  sku: {
    family: 'B'
    name: 'Standard_B1'
  }
  properties: {
    tenantId: tenant().tenantId
    initialAdminObjectIds: administrators
    enableSoftDelete: true
    softDeleteRetentionInDays: softDeleteDays
    // Whoever may purge could end every signer's key in an instant. The price: a deleted HSM is billed until its retention ends.
    enablePurgeProtection: true
    publicNetworkAccess: private ? 'Disabled' : 'Enabled'
    networkAcls: {
      // None: the trusted services of others (backup, disk encryption) have no business with signers' keys.
      bypass: 'None'
      defaultAction: private ? 'Deny' : 'Allow'
      ipRules: []
      virtualNetworkRules: []
    }
  }
}

// AuditEvent is the only category there is; sam audit reconcile will join it with the SAM's own audit.
resource diagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: hsm
  name: 'to-workspace'
  properties: {
    workspaceId: workspaceId
    logs: [{ category: 'AuditEvent', enabled: true }]
    metrics: [{ category: 'AllMetrics', enabled: true }]
  }
}

output address string = hsm.properties.hsmUri
