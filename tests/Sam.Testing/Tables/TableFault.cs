namespace Sam.Testing.Tables;

/// <summary>What happens to a request on its way; <see cref="TableFaults"/> has the usual ones.</summary>
public delegate Task TableFault(TableExchange exchange);
