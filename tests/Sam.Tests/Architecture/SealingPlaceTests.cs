using System.Reflection;
using Sam.Core.Activation;
using Sam.Core.Audit;
using Sam.Core.Officers;
using Sam.Core.Rows;
using Sam.Core.Sealing;
using Xunit;

namespace Sam.Tests.Architecture;

/// <summary>Rows get into tables by one place, which seals them (REG-1, SIG-7). Read from the compiled products: whoever calls a store to write, or makes the content of a commit, is on this list with the reason.</summary>
[Trait("Requirement", "REG-1")]
[Trait("Requirement", "SIG-7")]
public sealed class SealingPlaceTests
{
    private const string Making = "makes what a commit changes: ";

    private static readonly Dictionary<string, string[]> _writers = new(StringComparer.Ordinal)
    {
        // The place itself, and what it is handed.
        [nameof(SealedRows)] = [nameof(IRowStore.InsertAsync), nameof(IRowStore.ReplaceAsync), nameof(IRowStore.DeleteAsync), nameof(IRowStore.CommitAsync)],
        [nameof(RowWrite)] = [Making + nameof(RowChange.Insert), Making + nameof(RowChange.Replace)],

        // The audit's rows are sealed, chained and MAC'd by their writer (security decision 26); checkpoints are signed by the HSM and hold no secret.
        [nameof(AuditLog)] = [nameof(IRowStore.InsertAsync)],
        [nameof(AuditCheckpoints)] = [nameof(IRowStore.InsertAsync)],

        // The keyring: there is no data key to seal it with; the HSM vouches for it.
        [nameof(SystemKeys)] = [nameof(IRowStore.InsertAsync), nameof(IRowStore.DeleteAsync)],

        // Delete what is over, and write nothing.
        [nameof(ExpiredTransactions)] = [nameof(IRowStore.CommitAsync), Making + nameof(RowChange.Delete)],
        [nameof(ForgottenRequests)] = [nameof(IRowStore.CommitAsync), Making + nameof(RowChange.Delete)],
    };

    [Fact]
    public void Nobody_writes_a_row_round_the_place_that_seals()
    {
        SortedDictionary<string, SortedSet<string>> found = Writers(Products());
        Assert.Equal(
            _writers.OrderBy(w => w.Key, StringComparer.Ordinal).Select(w => $"{w.Key}: {string.Join(", ", w.Value.Order(StringComparer.Ordinal))}"),
            found.Select(w => $"{w.Key}: {string.Join(", ", w.Value)}"));
    }

    /// <summary>The one that would be new is found: in an asynchronous method, by the interface, and by what it commits.</summary>
    [Fact]
    public void Whoever_does_is_noticed() => Assert.Equal(
        ["CommitAsync", "InsertAsync", Making + "Insert", "ReplaceAsync"],
        Writers([typeof(RoundAbout).Assembly]).Single(w => w.Key == nameof(RoundAbout)).Value);

    private static IEnumerable<Assembly> Products() =>
        Directory.EnumerateFiles(AppContext.BaseDirectory, "*.dll")
            .Select(Path.GetFileNameWithoutExtension)
            .Where(name => name is "sam" || (name!.StartsWith("Sam.", StringComparison.Ordinal) && !name.StartsWith("Sam.Test", StringComparison.Ordinal)))
            .Select(name => Assembly.Load(name!));

    private static SortedDictionary<string, SortedSet<string>> Writers(IEnumerable<Assembly> assemblies)
    {
        SortedDictionary<string, SortedSet<string>> found = new(StringComparer.Ordinal);
        foreach (Type type in assemblies.SelectMany(assembly => assembly.GetTypes()))
        {
            const BindingFlags All = BindingFlags.DeclaredOnly | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static;
            foreach (string write in type.GetMethods(All).Cast<MethodBase>().Concat(type.GetConstructors(All)).SelectMany(WritesIn))
            {
                string owner = Outermost(type).Name;
                if (!found.TryGetValue(owner, out SortedSet<string>? writes))
                {
                    found[owner] = writes = new SortedSet<string>(StringComparer.Ordinal);
                }

                _ = writes.Add(write);
            }
        }

        return found;
    }

    /// <summary>What a method's code calls. A token is looked for at every byte: one that is none resolves to nothing, or to what is not asked for.</summary>
    private static IEnumerable<string> WritesIn(MethodBase method)
    {
        const byte Call = 0x28;
        const byte CallVirtual = 0x6F;
        const byte NewObject = 0x73;
        byte[] code = method.GetMethodBody()?.GetILAsByteArray() ?? [];
        for (int i = 0; i + sizeof(int) < code.Length; i++)
        {
            if (code[i] is Call or CallVirtual or NewObject && Resolve(method, BitConverter.ToInt32(code, i + 1)) is { DeclaringType: { } owner } called)
            {
                if (typeof(IRowStore).IsAssignableFrom(owner)
                    && called.Name is nameof(IRowStore.InsertAsync) or nameof(IRowStore.ReplaceAsync) or nameof(IRowStore.DeleteAsync) or nameof(IRowStore.CommitAsync))
                {
                    yield return called.Name;
                }
                else if (owner.DeclaringType == typeof(RowChange) && called.IsConstructor && Outermost(method.DeclaringType!) != typeof(RowChange))
                {
                    yield return Making + owner.Name;
                }
            }
        }
    }

    private static MethodBase? Resolve(MethodBase method, int token)
    {
        try
        {
            Type owner = method.DeclaringType!;
            return method.Module.ResolveMethod(token, owner.IsGenericType ? owner.GetGenericArguments() : null, method.IsGenericMethod ? method.GetGenericArguments() : null);
        }
        catch (Exception none) when (none is ArgumentException or BadImageFormatException or MissingMethodException or TypeLoadException or FileNotFoundException)
        {
            return null;
        }
    }

    private static Type Outermost(Type type) => type.DeclaringType is { } outer ? Outermost(outer) : type;
}

/// <summary>What must not be in a product.</summary>
internal sealed class RoundAbout(IRowStore store)
{
    internal async Task WriteAsync(RowAddress address, byte[] content)
    {
        await Task.Yield();
        _ = await store.InsertAsync(address, content, CancellationToken.None);
        _ = await store.ReplaceAsync(address, content, default, CancellationToken.None);
        _ = await store.CommitAsync(address.Table, address.PartitionKey, [new RowChange.Insert(address.RowKey, content)], CancellationToken.None);
    }
}
