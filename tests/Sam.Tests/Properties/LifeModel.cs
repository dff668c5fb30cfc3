using Sam.Core.Results;

namespace Sam.Tests.Properties;

/// <summary>What a signer and a credential of theirs may live through, written once more and independently of the product's tables.</summary>
internal sealed class LifeModel
{
    private string _signer = "registered";
    private string _credential = "bare";
    private bool _hasPin;
    private bool _hasCode;
    private bool _hasCertificate;
    private bool _isConfirmed;
    private string _stoppedBy = string.Empty;

    /// <summary>Whether the key signs now.</summary>
    internal bool Signs => _signer == "active" && _credential == "active";

    /// <summary>Where both are in their lives.</summary>
    internal string State => $"{_signer}, {_credential}";

    /// <summary>The same, to try something on.</summary>
    internal LifeModel Copy() => (LifeModel)MemberwiseClone();

    /// <summary>What is told; null where the act is done.</summary>
    internal SamErrorCode? Apply(LifeStep step) => step.Act switch
    {
        LifeAct.IssueCode => _signer is "registered" or "active" ? Done(() => _hasCode = true) : SamErrorCode.SignerStateWrong,
        LifeAct.Enrol => Enrol(step.IsRight),
        LifeAct.SuspendSigner => _signer is "registered" or "active" ? Done(() => _signer = "suspended") : SamErrorCode.SignerStateWrong,
        LifeAct.ResumeSigner => _signer == "suspended" ? Done(() => _signer = _hasPin ? "active" : "registered") : SamErrorCode.SignerStateWrong,
        LifeAct.CloseSigner => _signer != "closed" ? Done(() => _signer = "closed") : SamErrorCode.SignerStateWrong,
        LifeAct.Unlock => _signer is "active" or "suspended" ? null : SamErrorCode.SignerStateWrong,
        LifeAct.Certify => Certify(step.IsRight),
        LifeAct.Confirm => Confirm(step.IsRight),
        LifeAct.SuspendByOfficer or LifeAct.ResumeByOfficer or LifeAct.RevokeByOfficer or LifeAct.DestroyByOfficer => Stop(step.Act.ToString(), "officer "),
        _ => !step.IsRight ? SamErrorCode.NotTheSigner : StopBySigner(step.Act.ToString()),
    };

    private static SamErrorCode? Done(Action change)
    {
        change();
        return null;
    }

    /// <summary>A code that was issued before a suspension is still one after it.</summary>
    private SamErrorCode? Enrol(bool isRight)
    {
        if (!isRight || !_hasCode)
        {
            return SamErrorCode.EnrolmentCodeInvalid;
        }

        return _signer is "registered" or "active" ? Done(() => (_signer, _hasPin, _hasCode) = ("active", true, false)) : SamErrorCode.SignerStateWrong;
    }

    private SamErrorCode? Certify(bool isRight)
    {
        if (!isRight)
        {
            return SamErrorCode.CertificateUnreadable;
        }

        if (_credential is "revoked" or "destroyed")
        {
            return SamErrorCode.CredentialStateWrong;
        }

        _hasCertificate = true;
        _credential = _credential == "bare" ? "certified" : _credential;
        return null;
    }

    private SamErrorCode? Confirm(bool isRight)
    {
        if (!isRight)
        {
            return SamErrorCode.NotTheSigner;
        }

        return _signer != "active" ? SamErrorCode.SignerStateWrong
            : _credential == "certified" ? Done(() => (_credential, _isConfirmed) = ("active", true))
            : SamErrorCode.CredentialStateWrong;
    }

    private SamErrorCode? Stop(string act, string who)
    {
        string others = _stoppedBy.Replace(who, string.Empty, StringComparison.Ordinal);
        bool isOnes = others != _stoppedBy;
        string? next = (act[..3], _credential) switch
        {
            (_, "destroyed") => null,
            ("Des", _) => "destroyed",
            (_, "revoked") => null,
            ("Rev", _) => "revoked",
            ("Sus", "suspended") when isOnes => null,
            ("Sus", _) => "suspended",
            ("Res", "suspended") when !isOnes => null,
            ("Res", "suspended") => others.Length > 0 ? "suspended" : !_hasCertificate ? "bare" : _isConfirmed ? "active" : "certified",
            _ => null,
        };
        if (next is null)
        {
            return SamErrorCode.CredentialStateWrong;
        }

        _stoppedBy = act.StartsWith("Sus", StringComparison.Ordinal) ? _stoppedBy + who : act.StartsWith("Res", StringComparison.Ordinal) ? others : _stoppedBy;
        _credential = next;
        return null;
    }

    /// <summary>The challenge is refused first; the PIN, which takes having one, comes after it.</summary>
    private SamErrorCode? StopBySigner(string act)
    {
        (string Credential, string By) before = (_credential, _stoppedBy);
        SamErrorCode? stopped = Stop(act, "signer ");
        if (stopped is null && !_hasPin)
        {
            (_credential, _stoppedBy) = before;
            return SamErrorCode.AuthDataInvalid;
        }

        return stopped;
    }
}
