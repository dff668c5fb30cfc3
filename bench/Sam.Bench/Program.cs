using Sam.Bench;

return args switch
{
    ["serve", ..] => await BenchHost.RunAsync(args[1..]),
    ["audit", ..] => await AuditBench.RunAsync(BenchPlan.Parse(args)),
    _ => await BenchRun.RunAsync(BenchPlan.Parse(args)) | await AuditBench.RunAsync(BenchPlan.Parse(args)),
};
