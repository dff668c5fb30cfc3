namespace Sam.Tests.Cli;

/// <summary>What is wrong with the SAM that the command line talks to.</summary>
public enum StandInFault
{
    None,
    SignsTwice,
    FailsOnSecondUse,
    FlipsABit,
    RefusesPins,
    RefusesSigners,
    ListsNothing,
    ShowsAnotherCertificate,
    NotASam,
    KeepsItsSecret,
    LosesOfficersCode,
}
