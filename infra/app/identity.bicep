// Who the SAM is. All identities are user-assigned, so that roles can be given before the app exists, and outlive its being made anew.

@description('The region.')
param location string

@description('The identity\'s name.')
param name string

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: name
  location: location
}

output principalId string = identity.properties.principalId
output clientId string = identity.properties.clientId
