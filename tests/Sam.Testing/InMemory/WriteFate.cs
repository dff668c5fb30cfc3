namespace Sam.Testing.InMemory;

/// <summary>What becomes of a write on its way.</summary>
public enum WriteFate
{
    /// <summary>It arrives and is answered.</summary>
    Answered,

    /// <summary>It never arrives; the caller is left in doubt.</summary>
    LostBeforeArriving,

    /// <summary>It is carried out; its answer is lost.</summary>
    ArrivesUnanswered,

    /// <summary>It is carried out, and answered with a conflict (by its own duplicate).</summary>
    ArrivesAnsweredAsConflict,
}
