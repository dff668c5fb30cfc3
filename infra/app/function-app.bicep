// The SAM itself, on Flex Consumption. What is not set here is left out because the platform refuses it on this plan: FUNCTIONS_WORKER_RUNTIME,
// FUNCTIONS_EXTENSION_VERSION, linuxFxVersion, WEBSITE_RUN_FROM_PACKAGE and healthCheckPath. There are no slots either.

import { names, privateZone, subnets } from '../names.bicep'

@description('The region.')
param location string

@description('The app\'s name, unique in the world.')
param name string

@description('Whether it is reached inside the network only.')
param private bool

@description('Whether its instances are spread over the zones.')
param zoneRedundant bool

@description('Instances that never go to sleep.')
param alwaysReadyInstances int

@description('The account of the host; the package is elsewhere.')
param hostAccountName string

@description('The blob container of the package: its address.')
param packageContainer string

@description('The address that clients use; empty: the app\'s own, which the platform makes up.')
param publicAddress string

@description('What the SAM is told: its configuration, without what the host and the platform need.')
param samSettings object

@description('Where traces go. Not a secret: keys are turned off there.')
param insightsConnectionString string

@description('Where logs go.')
param workspaceId string

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: names.identity
}

resource packageIdentity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: names.packageIdentity
}

resource network 'Microsoft.Network/virtualNetworks@2025-01-01' existing = {
  name: names.network

  resource subnet 'subnets' existing = {
    name: subnets.functions
  }
}

// Flex Consumption: one app per plan.
resource plan 'Microsoft.Web/serverfarms@2025-03-01' = {
  name: name
  location: location
  kind: 'functionapp'
  sku: {
    name: 'FC1'
    tier: 'FlexConsumption'
  }
  properties: {
    reserved: true
    zoneRedundant: zoneRedundant
  }
}

resource app 'Microsoft.Web/sites@2025-03-01' = {
  name: name
  location: location
  kind: 'functionapp,linux'
  // By this tag azd finds the app of the service "api" in azure.yaml.
  tags: { 'azd-service-name': 'api' }
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${identity.id}': {}
      // The platform takes the package as an identity of the app, so it must be one. The app's code can ask for its tokens, too: it may read, and writes in a deployment only.
      '${packageIdentity.id}': {}
    }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    publicNetworkAccess: private ? 'Disabled' : 'Enabled'
    virtualNetworkSubnetId: private ? network::subnet.id : null
    functionAppConfig: {
      deployment: {
        // Every instance pulls the package from here as it starts: a role or route that is missing shows as a failed cold start, not as a failed deployment.
        storage: {
          type: 'blobContainer'
          value: packageContainer
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: packageIdentity.id
          }
        }
      }
      runtime: {
        name: 'dotnet-isolated'
        version: '10.0'
      }
      scaleAndConcurrency: {
        // The least that the platform allows, and already more than an HSM can serve: 40 instances with 16 requests each. Overload is refused by the SAM's own gates.
        maximumInstanceCount: 40
        instanceMemoryMB: 2048
        alwaysReady: alwaysReadyInstances == 0 ? [] : [{ name: 'http', instanceCount: alwaysReadyInstances }]
        triggers: {
          http: { perInstanceConcurrency: 16 }
        }
      }
    }
    siteConfig: {
      minTlsVersion: '1.2'
      scmMinTlsVersion: '1.2'
      ftpsState: 'Disabled'
      http20Enabled: true
      remoteDebuggingEnabled: false
    }
  }
}

resource settings 'Microsoft.Web/sites/config@2025-03-01' = {
  parent: app
  name: 'appsettings'
  properties: union(samSettings, {
    Sam__PublicAddress: empty(publicAddress) ? 'https://${app.properties.defaultHostName}' : publicAddress
    // The host's own storage, by identity. This spelling is the platform's for this one setting; it holds in the public cloud only.
    AzureWebJobsStorage__accountName: hostAccountName
    AzureWebJobsStorage__credential: 'managedidentity'
    AzureWebJobsStorage__clientId: identity.properties.clientId
    APPLICATIONINSIGHTS_CONNECTION_STRING: insightsConnectionString
    APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identity.properties.clientId};Authorization=AAD'
    // .NET 10 on Flex: the pre-started worker dies under load now and then (exit 139). Without it a cold start takes longer, and stays up.
    WEBSITE_USE_PLACEHOLDER_DOTNETISOLATED: '0'
    // Above the SAM's own limit (256 KiB), which answers 413; the host answers 500.
    FUNCTIONS_REQUEST_BODY_SIZE_LIMIT: '1048576'
  })
}

// Publishing with a user name and a password, which the platform turns on by itself.
resource noFtpPassword 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2025-03-01' = {
  parent: app
  name: 'ftp'
  properties: { allow: false }
}

resource noScmPassword 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2025-03-01' = {
  parent: app
  name: 'scm'
  properties: { allow: false }
}

resource diagnostics 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: app
  name: 'to-workspace'
  properties: {
    workspaceId: workspaceId
    logs: [{ categoryGroup: 'allLogs', enabled: true }]
    metrics: [{ category: 'AllMetrics', enabled: true }]
  }
}

// Also the way by which code is deployed: in a private deployment azd deploy runs inside the network, or it waits for its time-out.
module endpoint 'private-endpoint.bicep' = if (private) {
  params: {
    location: location
    name: 'sam-app'
    targetId: app.id
    groupId: 'sites'
    zones: [privateZone('azurewebsites.net')]
  }
}

output address string = 'https://${app.properties.defaultHostName}'
