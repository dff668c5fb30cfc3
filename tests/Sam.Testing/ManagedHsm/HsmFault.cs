namespace Sam.Testing.ManagedHsm;

/// <summary>What happens to a request that has come as far as the HSM; <see cref="HsmFaults"/> has the usual ones.</summary>
public delegate Task HsmFault(HsmExchange exchange);
