// Coin miners by what they must say to a pool.
rule linux_coin_miner : T1496
{
    meta:
        title = "Coin miner"
        description = "an ELF program that speaks a mining pool's protocol"
        severity = "high"
        action = "quarantine"
    strings:
        $url1 = "stratum+tcp://"
        $url2 = "stratum+ssl://"
        $url3 = "stratum+tls://"
        $say1 = "mining.subscribe"
        $say2 = "mining.authorize"
        $say3 = "mining.submit"
        $say4 = "\"method\":\"login\""
        $do1 = "donate-level"
        $do2 = "randomx"
        $do3 = "cryptonight"
        $do4 = "hashrate"
        $do5 = "nicehash"
    condition:
        uint32(0) == 0x464c457f and any of ($url*) and any of ($say*) and 2 of ($do*)
}

rule coin_miner_start_script : T1496 T1059_004
{
    meta:
        title = "Script that starts a coin miner"
        description = "a shell script that hands a pool address and a wallet to a program"
        severity = "medium"
    strings:
        $shell = /^#!\s*\/(usr\/)?bin\/(env )?(ba|da|z|)sh/
        $pool = /stratum\+(tcp|ssl|tls):\/\/[\w.-]+:\d+/
        $option = /\s(-u|--user|--wallet|-o|--url)[ =]/
    condition:
        filesize < 1MB and $shell at 0 and $pool and $option
}
