// The virtual network of a private deployment: the app's subnet, the private endpoints, and one for whoever deploys and operates.

import { names, subnets } from '../names.bicep'

@description('The region.')
param location string

@description('The private DNS zones that services here are found by.')
param zones string[]

@description('Where the logs go.')
param workspaceId string

@description('The address of the way out, spread over the zones.')
param zoneRedundant bool

// The app must reach its token issuer, and new networks have no way out of their own. This address is used for going out only: nothing listens on it.
resource address 'Microsoft.Network/publicIPAddresses@2025-01-01' = {
  name: 'sam-out'
  location: location
  sku: { name: zoneRedundant ? 'StandardV2' : 'Standard' }
  properties: {
    publicIPAllocationMethod: 'Static'
  }
}

resource wayOut 'Microsoft.Network/natGateways@2025-01-01' = {
  name: 'sam-out'
  location: location
  sku: { name: zoneRedundant ? 'StandardV2' : 'Standard' }
  properties: {
    publicIpAddresses: [{ id: address.id }]
  }
}

resource network 'Microsoft.Network/virtualNetworks@2025-01-01' = {
  name: names.network
  location: location
  properties: {
    addressSpace: { addressPrefixes: ['10.20.0.0/22'] }
    subnets: [
      {
        // Flex Consumption: delegated to it alone, no private or service endpoints in it, 40 addresses per app: a /26 is the least, a /25 leaves room for a second app.
        name: subnets.functions
        properties: {
          addressPrefix: '10.20.0.0/25'
          defaultOutboundAccess: false
          natGateway: { id: wayOut.id }
          delegations: [
            {
              name: 'flex-consumption'
              properties: { serviceName: 'Microsoft.App/environments' }
            }
          ]
        }
      }
      {
        name: subnets.endpoints
        properties: {
          addressPrefix: '10.20.1.0/26'
          defaultOutboundAccess: false
          privateEndpointNetworkPolicies: 'Enabled'
        }
      }
      {
        // Empty: a jump host or a build agent stands here. Without one, neither the activation of the HSM nor the deployment of code reaches its target.
        name: subnets.operators
        properties: {
          addressPrefix: '10.20.2.0/27'
          defaultOutboundAccess: false
          natGateway: { id: wayOut.id }
        }
      }
    ]
  }
}

resource zone 'Microsoft.Network/privateDnsZones@2024-06-01' = [
  for name in zones: {
    name: name
    location: 'global'
  }
]

resource link 'Microsoft.Network/privateDnsZones/virtualNetworkLinks@2024-06-01' = [
  for (name, i) in zones: {
    parent: zone[i]
    name: names.network
    location: 'global'
    properties: {
      virtualNetwork: { id: network.id }
      registrationEnabled: false
    }
  }
]

resource networkDiagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: network
  name: 'to-workspace'
  properties: {
    workspaceId: workspaceId
    logs: [{ categoryGroup: 'allLogs', enabled: true }]
    metrics: [{ category: 'AllMetrics', enabled: true }]
  }
}

resource addressDiagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: address
  name: 'to-workspace'
  properties: {
    workspaceId: workspaceId
    logs: [{ categoryGroup: 'allLogs', enabled: true }]
    metrics: [{ category: 'AllMetrics', enabled: true }]
  }
}
