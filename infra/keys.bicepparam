using 'keys.bicep'

import { stages } from 'stages.bicep'

// azd env set SAM_STAGE test. There is no default: whether keys are real is a choice.
var stageName = readEnvironmentVariable('SAM_STAGE')

param environmentName = readEnvironmentVariable('AZURE_ENV_NAME')
param location = readEnvironmentVariable('AZURE_LOCATION')
param stage = stages[stageName]

// Object ids, separated by commas. By default whoever runs azd; where others are named, he is an administrator only if his id is among them.
param hsmAdministrators = split(readEnvironmentVariable('SAM_HSM_ADMINISTRATORS', readEnvironmentVariable('AZURE_PRINCIPAL_ID', '')), ',')
