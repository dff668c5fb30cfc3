using CsCheck;

namespace Sam.Tests.Properties;

/// <summary>Generates sequences. Most acts are what an honest client would do but for one thing: what is wrong in three ways is refused for the first, and says nothing of the rest.</summary>
internal static class Gens
{
    private static readonly Gen<int> _index = Gen.Int[0, 7];

    // Stopped more often than resumed, there would soon be nobody left.
    private static readonly Gen<bool> _seldom = Gen.Int[0, 2].Select(i => i == 0);

    private static readonly Gen<Fault?> _storeFault = Gen.Select(Gen.Int[0, 5], Gen.OneOf(
        FaultKind.Throws, FaultKind.Lost, FaultKind.Unanswered, FaultKind.Unanswered, FaultKind.AnsweredAsConflict, FaultKind.HangUp, FaultKind.Crash), Mishap);

    private static readonly Gen<Authorize> _honestAuthorize = Gen.Select(Gen.Int[0, 2], _index, Gen.Int[0, 3].Array[1, 3], (process, credential, documents) =>
        new Authorize(process, Client: 0, User: 0, credential, documents, OtherHash: false, Mixed: false, Off: 0, PinGiven.Current, Mishap: null));

    private static readonly Gen<Func<Authorize, Authorize>> _authorizeOdd = Gen.OneOf(
        Gen.Int[1, 2].Select(client => new Func<Authorize, Authorize>(a => a with { Client = client })),
        Gen.Int[1, 2].Select(user => new Func<Authorize, Authorize>(a => a with { User = user })),
        Gen.Int[0, 3].Array[0, 6].Select(documents => new Func<Authorize, Authorize>(a => a with { Documents = documents })),
        Gen.Const(new Func<Authorize, Authorize>(a => a with { OtherHash = true })),
        Gen.Const(new Func<Authorize, Authorize>(a => a with { Mixed = true, Documents = [0, .. a.Documents] })),
        Gen.Int[-3, 2].Select(off => new Func<Authorize, Authorize>(a => a with { Off = off })),
        Gen.Enum<PinGiven>().Select(pin => new Func<Authorize, Authorize>(a => a with { Pin = pin })),
        Gen.Const(new Func<Authorize, Authorize>(a => a with { Pin = PinGiven.Wrong })),
        _storeFault.Select(fault => new Func<Authorize, Authorize>(a => a with { Mishap = fault })),
        Gen.OneOf(FaultKind.MacAway, FaultKind.AuditAway).Select(kind => new Func<Authorize, Authorize>(a => a with { Mishap = new Fault(0, kind) })));

    // The newest SAD is the one most likely to be good still.
    private static readonly Gen<int> _sad = Gen.Frequency((5, Gen.Const(0)), (3, Gen.Int[0, 2]), (1, _index));

    private static readonly Gen<Sign> _honestSign = Gen.Select(Gen.Int[0, 2], _sad, Gen.OneOf(Naming.All, Naming.All, Naming.Part, Naming.Reversed), _index,
        (process, sad, naming, pick) => new Sign(
            process, sad, Forgery.None, Spot: 0, Client: -1, User: 0, Credential: -1, naming, pick, Algorithm: -1, HsmFault.None, Mishap: null));

    private static readonly Gen<Func<Sign, Sign>> _signOdd = Gen.OneOf(
        Gen.Select(Gen.Enum<Forgery>(), Gen.Frequency((1, Gen.Int[0, 15]), (3, Gen.Int[0, 2_000])), (forgery, spot) => new Func<Sign, Sign>(s => s with { Forgery = forgery, Spot = spot })),
        Gen.Int[0, 2].Select(client => new Func<Sign, Sign>(s => s with { Client = client })),
        Gen.Int[1, 2].Select(user => new Func<Sign, Sign>(s => s with { User = user })),
        Gen.Int[0, 2].Select(credential => new Func<Sign, Sign>(s => s with { Credential = credential })),
        Gen.Enum<Naming>().Select(naming => new Func<Sign, Sign>(s => s with { Naming = naming })),
        Gen.OneOf(Naming.OneTwice, Naming.OneForeign, Naming.OneMore).Select(naming => new Func<Sign, Sign>(s => s with { Naming = naming })),
        Gen.Int[0, 8].Select(algorithm => new Func<Sign, Sign>(s => s with { Algorithm = algorithm })),
        Gen.Enum<HsmFault>().Select(hsm => new Func<Sign, Sign>(s => s with { Hsm = hsm })),
        _storeFault.Select(fault => new Func<Sign, Sign>(s => s with { Mishap = fault })),
        Gen.Select(_index, Gen.OneOf(FaultKind.Pause, FaultKind.AuditAway), Mishap).Select(fault => new Func<Sign, Sign>(s => s with { Mishap = fault })));

    private static readonly Gen<Act> _authorize = Odd(_honestAuthorize, _authorizeOdd);

    private static readonly Gen<Act> _sign = Odd(_honestSign, _signOdd);

    private static readonly Gen<Act> _change = Gen.Frequency<Act>(
        (4, Gen.Select(Gen.Int[0, 2], Gen.Int[0, 2], _seldom, (process, credential, suspended) => new SetCredential(process, credential, suspended))),
        (3, Gen.Select(Gen.Int[0, 2], Gen.Int[0, 1], _seldom, (process, client, stopped) => new SetClient(process, client, !stopped))),
        (2, Gen.Select(Gen.Int[0, 2], Gen.Int[0, 1], (process, signer) => new SetPin(process, signer))));

    private static readonly Gen<Act> _turn = Gen.Select(Gen.Enum<Until>(), _index, Act (until, which) => new Turn(until, which));

    private static readonly Gen<Act> _attack = Gen.Select(
        Gen.OneOf(Tampering.WriteBack, Tampering.WriteBack, Tampering.WriteBack, Tampering.Delete, Tampering.Copy, Tampering.Swap, Tampering.FlipOneBit),
        Gen.Int[0, 15], Gen.Int[0, 15], Act (what, row, other) => new Attack(what, row, other));

    private static readonly Gen<Act> _restart = Gen.Int[0, 2].Select(Act (process) => new Restart(process));

    private static readonly Gen<Act> _meanwhile = Gen.Frequency((4, _change), (2, _turn), (2, _attack), (1, _authorize));

    private static readonly Gen<int[]> _schedule = Gen.Int[0, 11].Array[0, 24];

    private static readonly Gen<Step> _alone = Gen.Frequency((30, _authorize), (44, _sign), (9, _change), (7, _turn), (8, _attack), (2, _restart))
        .Select(act => new Step([act], []));

    // Several uses of one SAD, which differ in the process and in one thing more.
    private static readonly Gen<Step> _race = Gen.Select(
        _sad, _sign.Array[2, 4], _meanwhile.Array[0, 1], _schedule, (sad, uses, others, schedule) =>
            new Step([.. uses.Select(u => (Sign)u with { Sad = sad }), .. others], schedule));

    private static readonly Gen<Step> _interrupted = Gen.Select(
        _honestSign, _meanwhile.Array[1, 2], _schedule, (sign, others, schedule) => new Step([sign with { Sad = 0 }, .. others], schedule));

    private static readonly Gen<Step> _anything = Gen.Select(
        Gen.Frequency((1, _authorize), (1, _sign), (1, _meanwhile)).Array[2, 3], _schedule, (acts, schedule) => new Step(acts, schedule));

    /// <summary>Sequences of up to 20 steps. The first is an authorization, for without one there is little to try.</summary>
    internal static Gen<Step[]> Sequence { get; } = Gen.Select(
        _honestAuthorize, Gen.Frequency((70, _alone), (10, _race), (12, _interrupted), (8, _anything)).Array[1, 19],
        (first, rest) => (Step[])[new Step([first], []), .. rest]);

    private static Gen<Act> Odd<T>(Gen<T> honest, Gen<Func<T, T>> odd)
        where T : Act => Gen.Frequency<Act>(
            (40, honest.Select(Act (act) => act)),
            (48, Gen.Select(honest, odd, Act (act, change) => change(act))),
            (12, Gen.Select(honest, odd, odd, Act (act, change, another) => another(change(act)))));

    private static Fault? Mishap(int call, FaultKind kind) => new(call, kind);
}
