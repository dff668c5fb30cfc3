using System.Security.Cryptography;
using System.Text;
using Sam.Core;
using Sam.Core.Officers;
using Sam.Core.Values;
using Sam.Testing.TestBed;

namespace Sam.Testing.Officers;

/// <summary>A SAM in memory that was initialised, with three security officers who have keys.</summary>
public sealed class OfficersTestBed : IAsyncDisposable
{
    private readonly List<TestOfficer> _officers = [];

    private OfficersTestBed(SamTestBed bed, SecretText secret)
    {
        Bed = bed;
        Secret = secret;
    }

    /// <summary>The SAM's bed.</summary>
    public SamTestBed Bed { get; }

    /// <summary>The one-time secret of the initialisation.</summary>
    public SecretText Secret { get; }

    /// <summary>The module.</summary>
    public ActivationModule Sam => Bed.Sam;

    /// <summary>The three.</summary>
    public IReadOnlyList<TestOfficer> Three => [.. _officers.Take(3)];

    /// <summary>A bed that nobody has initialised.</summary>
    public static async Task<OfficersTestBed> OpenAsync()
    {
        SecretText secret = new(RandomNumberGenerator.GetHexString(32));
        ActivationModuleOptions options = new()
        {
            Officers = new OfficerPolicy { InitializationSecretDigest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret.Reveal()))) },
        };
        return new OfficersTestBed(await SamTestBed.OpenAsync(options), secret);
    }

    /// <summary>A bed with three security officers.</summary>
    public static async Task<OfficersTestBed> OpenInitializedAsync()
    {
        OfficersTestBed bed = await OpenAsync();
        foreach (IssuedCode code in (await bed.Sam.Officers.InitializeAsync(bed.Secret, Nominations(), CancellationToken.None)).Value)
        {
            _ = (await bed.NewOfficer(code.Officer.Subject).EnrolAsync(bed.Sam, code.Code)).Value;
        }

        return bed;
    }

    /// <summary>Three people.</summary>
    public static IReadOnlyList<OfficerNomination> Nominations() => [.. new[] { "olga", "otto", "oona" }.Select(name => new OfficerNomination(name, SamTestBed.Login(name)))];

    /// <summary>Somebody with a login and a key, who is in no list yet.</summary>
    public TestOfficer NewOfficer(string subject)
    {
        TestOfficer officer = new(SamTestBed.Login(subject), Bed.Clock);
        _officers.Add(officer);
        return officer;
    }

    /// <summary>Makes a change with the first two officers.</summary>
    public async Task<ApprovedProposal> ChangeAsync(OfficerChange change)
    {
        ProposalView proposal = (await Three[0].ProposeAsync(Sam, change)).Value;
        return (await Three[1].ApproveAsync(Sam, proposal)).Value;
    }

    /// <summary>Adds somebody, who enrols.</summary>
    public async Task<TestOfficer> AddAsync(string subject, PrivilegedRole role)
    {
        ApprovedProposal approved = await ChangeAsync(new OfficerChange.AddOfficer(subject, role.ToName(), SamTestBed.Login(subject).Issuer, subject));
        TestOfficer officer = NewOfficer(subject);
        _ = (await officer.EnrolAsync(Sam, approved.Code!.Code)).Value;
        return officer;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _officers.ForEach(o => o.Dispose());
        await Bed.DisposeAsync();
    }
}
