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

rule gpu_coin_miner : T1496_001
{
    meta:
        title = "Coin miner for graphics cards"
        description = "an ELF program that knows the work of coins made for graphics cards and a pool's log-in"
        severity = "high"
        action = "quarantine"
    strings:
        $coin1 = "ethash" nocase
        $coin2 = "kawpow" nocase
        $coin3 = "autolykos" nocase
        $coin4 = "octopus" nocase
        $coin5 = "etchash" nocase
        $login = "eth_submitLogin"
        $work1 = "eth_submitWork"
        $work2 = "eth_submitHashrate"
        $card1 = "clGetDeviceIDs"
        $card2 = "cuDeviceGet"
        $card3 = "nvmlDeviceGetTemperature"
    condition:
        uint32(0) == 0x464c457f and 2 of ($coin*) and $login and any of ($work*) and any of ($card*)
}

rule coin_miner_configuration : T1496_001
{
    meta:
        title = "Configuration of a coin miner"
        description = "a list of pools with a wallet, and how much of the processor to take"
        severity = "medium"
    strings:
        $pools = /"pools"\s*:\s*\[/
        $user = /"user"\s*:\s*"[^"\n]{20,120}"/
        $key1 = /"donate-level"\s*:/
        $key2 = /"(randomx|cn-lite|argon2)"\s*:/
        $key3 = /"(huge-pages|huge-pages-jit|max-threads-hint)"\s*:/
        $key4 = /"(rig-id|nicehash|keepalive)"\s*:/
        $key5 = /"(algo|coin)"\s*:\s*("(rx\/|cn\/|monero|randomx)|null)/
    condition:
        filesize < 256KB and uint32(0) != 0x464c457f and $pools and $user and 3 of ($key*)
}

rule coin_miner_installer : T1496_001 T1059_004
{
    meta:
        title = "Script that makes a host ready for a coin miner"
        description = "it ends rival miners or sets aside huge pages, and fetches a program"
        severity = "high"
        action = "quarantine"
    strings:
        $shell = /^#!\s*\/(usr\/)?bin\/(env )?(ba|da|z|)sh/
        $rival = /(pkill|killall|grep)[^\n]{0,40}(xmrig|kdevtmpfsi|kinsing|minerd|cpuminer|cryptonight|xmr-stak|watchbog|sysrv)/
        $pages = /sysctl[^\n]{0,20}vm\.nr_hugepages\s*=\s*\S/
        $registers = /(modprobe msr|wrmsr -a 0x1a4)/
        $pool = /(stratum\+|pool\.(supportxmr|minexmr|hashvault)|moneroocean\.stream|nanopool\.org|c3pool\.)/
        $fetch = /\b(curl|wget)\s[^\n]{0,120}https?:\/\//
    condition:
        filesize < 256KB and $shell at 0 and $fetch and
        (($rival and ($pages or $pool or $registers)) or ($pages and $pool) or ($registers and $pool))
}

rule coin_miner_in_a_web_page : T1496_001 T1059_007
{
    meta:
        title = "Web page that mines coins in its visitors' browsers"
        description = "it starts a mining client with a key and a throttle"
        severity = "medium"
    strings:
        $new = /new\s+(CoinHive|Client|CoinImp|CRLT|WebMinePool|deepMiner)\.(Anonymous|User|Token)\s*\(\s*['"][A-Za-z0-9._-]{16,100}['"]/
        $throttle = /throttle\s*[:=(]/
        $start = /\.start\s*\(/
    condition:
        filesize < 1MB and $new and ($throttle or $start)
}
