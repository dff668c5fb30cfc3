namespace Sam.Tests.Properties;

/// <summary>One act: by whom (0: whose right it is, mostly), on what, with which of all that was seen.</summary>
internal sealed record ApprovalStep(ApprovalAct Act, int Process, int Who, int What, int Which);

/// <summary>What may be done.</summary>
internal enum ApprovalAct
{
    Ask,
    Decide,
    Redeem,
    Answer,
    Enter,
    Sign,
    Extend,
    Stop,
    Wait,
    Restart,
    WriteBack,
    Delete,
}
