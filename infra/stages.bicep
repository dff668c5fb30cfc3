// Everything in which a test deployment differs from production, side by side. Whatever is not here is the same in both.

@export()
@description('What a stage decides.')
type Stage = {
  @description('managedHsm: a single-tenant HSM, billed by the hour while it exists. keyVaultPremium: keys in shared HSMs, billed by key and operation.')
  vault: 'managedHsm' | 'keyVaultPremium'

  @description('Whether every service is reached inside a virtual network only. Then whoever deploys must be inside it, too.')
  private: bool

  @description('Zone-redundant storage keeps a spent SAD spent when a zone fails; locally redundant storage does not.')
  storageSku: 'Standard_LRS' | 'Standard_ZRS'

  @description('Whether the plan\'s instances are spread over the zones.')
  zoneRedundant: bool

  @description('Instances that never go to sleep. With zone redundancy the platform wants two.')
  @minValue(0)
  @maxValue(10)
  alwaysReadyInstances: int

  @description('How long a deleted key, vault or HSM stays recoverable, and cannot be purged. Fixed when the vault is made.')
  @minValue(7)
  @maxValue(90)
  softDeleteDays: int

  @description('How long the witnessed heads of the audit chains can be neither changed nor deleted.')
  @minValue(1)
  @maxValue(146000)
  headRetentionDays: int

  @description('How long logs stay in the workspace.')
  @minValue(30)
  @maxValue(730)
  logRetentionDays: int
}

@export()
var stages = {
  production: {
    vault: 'managedHsm'
    private: true
    storageSku: 'Standard_ZRS'
    zoneRedundant: true
    alwaysReadyInstances: 2
    softDeleteDays: 90
    headRetentionDays: 3653
    logRetentionDays: 730
  }
  test: {
    vault: 'keyVaultPremium'
    private: false
    storageSku: 'Standard_LRS'
    zoneRedundant: false
    alwaysReadyInstances: 0
    softDeleteDays: 7
    headRetentionDays: 1
    logRetentionDays: 30
  }
}
