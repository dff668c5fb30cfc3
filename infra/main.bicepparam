using 'main.bicep'

import { stages } from 'stages.bicep'

var stageName = readEnvironmentVariable('SAM_STAGE')

param environmentName = readEnvironmentVariable('AZURE_ENV_NAME')
param location = readEnvironmentVariable('AZURE_LOCATION')
param stage = stages[stageName]

// Written into the environment by the first layer and its hooks.
param vaultAddress = readEnvironmentVariable('SAM_VAULT_ADDRESS')
param entraClientId = readEnvironmentVariable('SAM_ENTRA_CLIENT_ID')
param initializationDigest = readEnvironmentVariable('SAM_INITIALIZATION_SECRET_DIGEST')

param country = readEnvironmentVariable('SAM_COUNTRY', 'JP')
param encryptionDemand = readEnvironmentVariable('SAM_ENCRYPTION_DEMAND', 'PinAlone')
param factorKey = readEnvironmentVariable('SAM_FACTOR_KEY', '')
param publicAddress = readEnvironmentVariable('SAM_PUBLIC_ADDRESS', '')
param alertActionGroup = readEnvironmentVariable('SAM_ALERT_ACTION_GROUP', '')
