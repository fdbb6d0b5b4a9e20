// What looks for passwords and keys that are not its own.
rule password_reader_of_process_memory : T1003_007
{
    meta:
        title = "Script that looks for passwords in other processes' memory"
        description = "it reads the memory of log-in and desktop services"
        severity = "high"
        action = "quarantine"
    strings:
        $memory = /\/proc\/[^\n"']{0,30}\/(mem|maps)\b/
        $dump = /\b(gcore|gdb\s[^\n]{0,60}(-p|attach|dump memory)|dd\s[^\n]{0,60}\/mem\b|process_vm_readv|open\s*\([^\n)]{0,60}\/mem)/
        $service1 = "gnome-keyring-daemon"
        $service2 = "lightdm"
        $service3 = "gdm-password"
        $service4 = /sshd:?/
        $service5 = "vsftpd"
        $service6 = "apache2"
        $crypt = /\$[16y]\$|crypt\s*\(|\bmkpasswd\b/
        $password = /passw(or)?d/ nocase
    condition:
        filesize < 512KB and uint32(0) != 0x464c457f and $memory and $dump and 3 of ($service*) and $crypt and $password
}

rule collector_of_keys : T1552_001 T1552_004
{
    meta:
        title = "Script that collects keys and passwords and sends them away"
        description = "it names many places of credentials and a way out of the host"
        severity = "high"
        action = "quarantine"
    strings:
        $place1 = /\.ssh\/(id_(rsa|dsa|ecdsa|ed25519)|authorized_keys|known_hosts)/
        $place2 = ".aws/credentials"
        $place3 = /\.docker\/config\.json/
        $place4 = /\.kube\/config/
        $place5 = /\.git-credentials|\.netrc/
        $place6 = /\.config\/gcloud|application_default_credentials\.json/
        $place7 = /\.azure\/(accessTokens|azureProfile|msal_token_cache)/
        $place8 = /\/etc\/shadow/
        $place9 = /\.(pgpass|my\.cnf)|redis\.conf|wp-config\.php/
        $place10 = /\.(bash|zsh)_history/
        $out1 = /\bcurl\s[^\n]{0,120}(-d|-F|-T|--data(-binary|-raw|-urlencode)?|--form|--upload-file)[\s=][^\n]{0,120}/
        $out2 = /\bwget\s[^\n]{0,120}--post-(data|file)/
        $out3 = /\bnc\s+(-\w+\s+)*[\w.$-]{3,60}\s+\d{2,5}\s*<|\|\s*nc\s+(-\w+\s+)*[\w.$-]{3,60}\s+\d{2,5}/
        $out4 = /requests\.post\s*\(|urlopen\s*\([^\n)]{0,80}data\s*=/
    condition:
        filesize < 256KB and uint32(0) != 0x464c457f and 5 of ($place*) and any of ($out*)
}

rule thief_of_cloud_identity : T1552_005
{
    meta:
        title = "Script that takes the host's cloud identity and sends it away"
        description = "it asks the cloud's own address for the machine's credentials and posts what it got"
        severity = "high"
    strings:
        $ask = /169\.254\.169\.254\/(latest\/meta-data\/iam\/security-credentials|computeMetadata\/v1\/instance\/service-accounts|metadata\/identity\/oauth2\/token)/
        $shell = /^#!\s*\/(usr\/)?bin\/(env )?(ba|da|z|)sh/
        $out1 = /\bcurl\s[^\n]{0,120}(-d|-F|-T|--data(-binary|-raw|-urlencode)?|--form|--upload-file)[\s=][^\n]{0,120}/
        $out2 = /\bwget\s[^\n]{0,120}--post-(data|file)/
        $out3 = /\|\s*nc\s+(-\w+\s+)*[\w.$-]{3,60}\s+\d{2,5}/
    condition:
        filesize < 256KB and $shell at 0 and $ask and any of ($out*)
}

rule false_password_prompt : T1056_001
{
    meta:
        title = "Shell code that asks for a password in sudo's name and keeps it"
        description = "it reads a password without echo, writes it to a file and then calls the real sudo"
        severity = "high"
    strings:
        $ask = /read\s+(-\w+\s+){0,3}(-p\s*)?["']?\[sudo\] password for/
        $silent = /(read\s+-\w*s\w*\s|stty\s+-echo)/
        $keep = /\b(echo|printf)\s[^\n]{0,80}>>?\s*["']?(\/tmp|\/var\/tmp|\/dev\/shm|~|\$HOME|\$\{HOME)[^\n]{1,80}/
        $call = /\bsudo\s+-S\b/
    condition:
        filesize < 256KB and uint32(0) != 0x464c457f and all of them
}
