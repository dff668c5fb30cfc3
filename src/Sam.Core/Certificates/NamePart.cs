namespace Sam.Core.Certificates;

/// <summary>One attribute of a subject's name, as somebody compares it.</summary>
/// <param name="Name">As a registration spells it (<c>commonName</c>), or the dotted object identifier of what no registration has.</param>
/// <param name="Value">The text; of what is no text, its DER in hexadecimal after a <c>#</c>.</param>
public sealed record NamePart(string Name, string Value);
