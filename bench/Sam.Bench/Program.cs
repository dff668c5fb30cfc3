using Sam.Bench;

return args is ["serve", ..]
    ? await BenchHost.RunAsync(args[1..])
    : await BenchRun.RunAsync(BenchPlan.Parse(args));
