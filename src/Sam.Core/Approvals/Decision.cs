using Sam.Core.Values;

namespace Sam.Core.Approvals;

/// <summary>What a device says of an approval.</summary>
/// <param name="Approval">Which one.</param>
/// <param name="Device">Which device.</param>
/// <param name="Approves">True: sign. False: refuse.</param>
/// <param name="Signature">The device's, over <see cref="ApprovalStatement"/>: 64 bytes.</param>
/// <param name="Pin">The signer's PIN, where it is asked for; null without one. It goes from the device to the SAM and through no application.</param>
public sealed record Decision(ApprovalId Approval, DeviceId Device, bool Approves, ReadOnlyMemory<byte> Signature, SecretText? Pin);
