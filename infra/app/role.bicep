// A role of our own, for where Azure's built-in ones give more than is needed.

@description('The role\'s id: a GUID that the caller can name before the role exists.')
@minLength(36)
@maxLength(36)
param id string

@description('What it is for; the name is made unique by the deployment\'s token.')
param name string

@description('The deployment\'s token.')
param token string

@description('Why it is what it is.')
param summary string

@description('What may be done to data. There is no management action in any of them.')
param dataActions string[]

resource role 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: id
  properties: {
    roleName: 'SAM ${name} (${token})'
    description: summary
    type: 'CustomRole'
    permissions: [
      {
        actions: []
        notActions: []
        dataActions: dataActions
        notDataActions: []
      }
    ]
    assignableScopes: [resourceGroup().id]
  }
}
