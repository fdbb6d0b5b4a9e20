// The test file that every antivirus knows, in two parts so that this rule is not taken for it.
rule eicar_test_file : T1204_002
{
    meta:
        title = "EICAR test file"
        description = "the harmless file that stands for malware in tests"
        severity = "high"
        action = "quarantine"
    strings:
        $head = "X5O!P%@AP[4\\PZX54(P^)7CC)7}"
        $tail = "$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
    condition:
        filesize <= 128 and $head at 0 and $tail at 27
}
