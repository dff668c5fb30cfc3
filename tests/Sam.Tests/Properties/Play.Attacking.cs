using Sam.Core.Rows;
using Sam.Core.Signers;
using Sam.Core.Values;

namespace Sam.Tests.Properties;

/// <summary>What somebody with the storage account's keys does: they keep every row ever written, and write what they like; version and Timestamp are the service's.</summary>
internal sealed partial class Play
{
    private void Tamper(Attack act)
    {
        IReadOnlyList<StoredRow> kept = [.. _ledger.History.Where(r => r.Address.Table is SamTable.Transactions or SamTable.Clients or SamTable.Signers)];
        StoredRow copy = kept[^(1 + (act.Row % kept.Count))];

        // As often as not a row of the same name in another partition: what a seal must tell apart by the partition alone.
        StoredRow[] namesakes = [.. kept.Where(r => r.Address.Table == copy.Address.Table && r.Address.RowKey == copy.Address.RowKey && r.Address != copy.Address)];
        StoredRow other = act.Other % 2 == 0 && namesakes.Length > 0 ? namesakes[^(1 + (act.Other / 2 % namesakes.Length))] : kept[^(1 + (act.Other % kept.Count))];
        switch (act.What)
        {
            case Tampering.WriteBack:
                Write(copy.Address, copy.Content);
                break;
            case Tampering.Delete:
                _ = _bed.Table.Attacker.Delete(copy.Address);
                Touch(copy.Address);
                break;
            case Tampering.Copy:
                Write(other.Address, copy.Content);
                break;
            case Tampering.Swap:
                if (_ledger.Find(copy.Address) is { } one && _ledger.Find(other.Address) is { } two)
                {
                    Write(one.Address, two.Content);
                    Write(two.Address, one.Content);
                }

                break;
            default:
                byte[] changed = copy.Content.ToArray();
                changed[act.Other * changed.Length / 16] ^= 0x04;
                _ledger.AddForeign(changed);
                Write(copy.Address, changed);
                break;
        }
    }

    private void Write(RowAddress address, ReadOnlyMemory<byte> content)
    {
        _ = _bed.Table.Attacker.Write(address, content);
        Touch(address);
    }

    private void Touch(RowAddress address)
    {
        foreach (SignerId signer in _cast.Signers.Where(s => SignerRows.Counters(s) == address))
        {
            _attempts[signer].IsTouched = true;
        }
    }
}
