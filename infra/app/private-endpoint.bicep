// One way into one service, and the name that leads there.

import { names, subnets } from '../names.bicep'

@description('The region.')
param location string

@description('The endpoint\'s name.')
param name string

@description('The service behind it.')
param targetId string

@description('Which of the service\'s endpoints: blob, table, managedhsm, vault, sites, azuremonitor.')
param groupId string

@description('The DNS zones that get its address.')
param zones string[]

resource network 'Microsoft.Network/virtualNetworks@2025-01-01' existing = {
  name: names.network

  resource subnet 'subnets' existing = {
    name: subnets.endpoints
  }
}

resource zone 'Microsoft.Network/privateDnsZones@2024-06-01' existing = [
  for zoneName in zones: {
    name: zoneName
  }
]

resource endpoint 'Microsoft.Network/privateEndpoints@2025-01-01' = {
  name: name
  location: location
  properties: {
    subnet: { id: network::subnet.id }
    privateLinkServiceConnections: [
      {
        name: name
        properties: {
          privateLinkServiceId: targetId
          groupIds: [groupId]
        }
      }
    ]
  }
}

resource addresses 'Microsoft.Network/privateEndpoints/privateDnsZoneGroups@2025-01-01' = {
  parent: endpoint
  name: 'default'
  properties: {
    privateDnsZoneConfigs: [
      for (zoneName, i) in zones: {
        name: replace(zoneName, '.', '-')
        properties: { privateDnsZoneId: zone[i].id }
      }
    ]
  }
}
