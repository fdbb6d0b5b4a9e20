// What asks for money, and what makes it necessary.
rule ransom_note : T1486
{
    meta:
        title = "Ransom note"
        description = "a short text says that files were encrypted and how to pay"
        severity = "high"
    strings:
        $done = /(your|all)( of your)? (\w+ )?(files|data|documents|network|servers?|databases?)[\w ,]{0,40} (have been|has been|were|are|was) [\w ]{0,20}(encrypted|locked|stolen)/ nocase
        $pay1 = /\b(bitcoins?|btc|monero|xmr)\b/ nocase
        $pay2 = /\b(ransom|payment|pay us|price)\b/ nocase
        $way1 = /[a-z2-7]{16,56}\.onion/ nocase
        $way2 = /tor browser/ nocase
        $way3 = /(contact us|write to us|e-?mail us|our e-?mail)/ nocase
        $back = /(decrypt(ion|or|ed|ing)? (key|tool|your|all|software|of)|restore (your|all) files|recover (your|all) (files|data))/ nocase
    condition:
        filesize < 64KB and uint32(0) != 0x464c457f and $done and $back and any of ($pay*) and any of ($way*)
}

rule linux_ransomware : T1486
{
    meta:
        title = "Ransomware for Linux"
        description = "an ELF program holds a ransom note's words and what it must not or will encrypt"
        severity = "critical"
        action = "quarantine"
    strings:
        $note1 = /(your|all)( of your)? (\w+ )?(files|data|documents|network|servers?)[\w ,]{0,40} (have been|has been|were|are) [\w ]{0,20}(encrypted|locked|stolen)/ nocase
        $note2 = /[a-z2-7]{16,56}\.onion/ nocase
        $note3 = /(RESTORE|DECRYPT|RECOVER|README|RANSOM|HOW_TO)[\w.-]{0,30}\.(txt|html|hta)/
        $machine1 = /esxcli (vm process|--formatter)/
        $machine2 = "vim-cmd vmsvc"
        $machine3 = /\.vmdk|\.vmem|\.vswp|\.vmsn/
        $file1 = /\.(locked|encrypted|crypted|enc)\b/
        $walk = /(nftw|fts_open|opendir|readdir|filepath\.Walk|WalkDir|walkdir)/
        $cipher = /(chacha|salsa20|aes[-_]?(256|128|ctr|cbc)|curve25519|RSA_public_encrypt|sosemanuk|hc-?128)/ nocase
    condition:
        uint32(0) == 0x464c457f and filesize < 32MB and 2 of ($note*) and (any of ($machine*) or $file1) and $walk and $cipher
}

rule script_that_encrypts_for_ransom : T1486
{
    meta:
        title = "Script that encrypts files for ransom"
        description = "it walks folders, encrypts each file, removes the original and leaves a note"
        severity = "high"
        action = "quarantine"
    strings:
        $walk = /\bfind\s+\S[^\n]{0,200}(-exec|\|\s*(xargs|while))/
        $cipher = /\b(openssl\s+(enc\s+)?-?aes-?\w{0,12}|gpg\s+[^\n]{0,60}(--symmetric|-c\b|--encrypt)|7z\s+a\s+[^\n]{0,40}-p\S|zip\s+[^\n]{0,40}-P\s)/
        $gone = /\b(rm|shred|unlink)\s+(-\w+\s+)?["']?(\$|\{\})/
        $note = /(bitcoin|btc|monero|\.onion|ransom|decrypt your|files (have been|are|were) (encrypted|locked))/ nocase
    condition:
        filesize < 256KB and uint32(0) != 0x464c457f and all of them
}
