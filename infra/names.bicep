// Names that both layers must agree on. The token tells deployments apart where a name is unique in the world.

@export()
func resourceGroupName(environmentName string) string => 'rg-${environmentName}'

@export()
@description('At most 24 characters, for an account or a vault: lower case letters and digits.')
func globalName(role string, token string) string => 'sam${role}${token}'

@export()
func privateZone(service string) string => 'privatelink.${service}'

@export()
@description('The id of a role of our own.')
func ownRole(token string, role string) string => guid(token, 'sam role', role)

@export()
var names = {
  identity: 'sam'
  importIdentity: 'sam-import'
  packageIdentity: 'sam-package'
  network: 'sam'
  logs: 'sam-logs'
}

@export()
@description('Platform rule: the delegated subnet\'s name holds no underscore.')
var subnets = {
  functions: 'functions'
  endpoints: 'endpoints'
  operators: 'operators'
}
