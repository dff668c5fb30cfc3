using Sam.KillPoints;

await Pipeline.RunAsync(RunPlan.Parse(await Console.In.ReadLineAsync()), new Report());
