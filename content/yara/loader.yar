// What brings the next stage: fetch, decode, run.
rule cron_entry_that_fetches_and_runs : T1053_003 T1105
{
    meta:
        title = "Cron entry that fetches a script and runs it"
        description = "a timetable line gives what it downloads to a shell"
        severity = "high"
    strings:
        $line = /(^|\n)\s*(@(reboot|hourly|daily)|[\d*\/,-]+\s+[\d*\/,-]+\s+[\d*\/,-]+\s+[\d*\/,-]+\s+[\d*\/,-]+)\s+[^\n]{0,60}\b(curl|wget)\s[^\n]{0,200}\|\s*(\/bin\/)?(ba|da|)sh\b/
    condition:
        filesize < 256KB and uint32(0) != 0x464c457f and $line
}

rule script_that_decodes_and_runs_itself : T1027_010 T1059_004
{
    meta:
        title = "Shell script that runs a long encoded text"
        description = "a text in base64 is decoded and given to a shell"
        severity = "high"
    strings:
        $piped = /\b(echo|printf)\s+(-\w+\s+)?["']?[A-Za-z0-9+\/=]{120,}["']?\s*\|\s*(openssl\s+)?base64\s+(-d|-D|--decode)[^\n|]{0,20}\|\s*(gunzip[^\n|]{0,10}\|\s*)?(\/bin\/|sudo\s+)?(ba|da|z|)sh\b/
        $evaluated = /\beval\s+["']?(\$\(|`)\s*(echo|printf)\s+(-\w+\s+)?["']?[A-Za-z0-9+\/=]{120,}["']?\s*\|\s*(openssl\s+)?base64\s+(-d|-D|--decode)/
    condition:
        filesize < 4MB and uint32(0) != 0x464c457f and any of them
}

rule python_that_decodes_and_runs_itself : T1027_010 T1059_006
{
    meta:
        title = "Python code that runs a long encoded text"
        description = "a text is decoded, unpacked and run as code"
        severity = "high"
    strings:
        $run = /\bexec\s*\(\s*((compile|__import__\(["'](zlib|marshal|base64|codecs)["']\)\.\w{1,20}|zlib\.decompress|marshal\.loads|gzip\.decompress|bz2\.decompress|base64\.b(64|32|85)decode|b64decode|codecs\.decode)\s*\(\s*){1,6}b?["'][A-Za-z0-9+\/=\\]{80}/
    condition:
        filesize < 8MB and $run
}

rule script_that_runs_a_program_from_memory : T1620
{
    meta:
        title = "Script that runs a program from memory"
        description = "it makes a file without a name, fills it and starts it"
        severity = "high"
    strings:
        $interpreter = /^#!\s*\/\S{1,60}(python|perl|ruby|php)|^(import |use |<\?php)/
        $make = /(syscall\s*\(\s*(319|279|356)\s*,|memfd_create\s*\()/
        $place = /\/proc\/(\$\$|self|%d|\{[^}\n]{0,20}\}|["']\s*[.+]\s*[^"'\n]{1,30}[.+]\s*["'])\/fd\//
        $start = /\b(exec|execv|execve|execl|fexecve|Popen|spawn|system)\b/
        $fetch = /(https?:\/\/|socket|urlopen|LWP|b64decode|decode_base64|unhexlify|pack\s*\(?\s*["']H)/
    condition:
        filesize < 8MB and $interpreter at 0 and $make and $place and $start and $fetch
}

rule script_that_switches_protection_off : T1562_001 T1105
{
    meta:
        title = "Script that switches a host's protection off and fetches a program"
        description = "it stops several guards, then downloads something"
        severity = "high"
        action = "quarantine"
    strings:
        $off1 = /\bsetenforce\s+0/
        $off2 = /\bufw\s+disable/
        $off3 = /\biptables\s+-F\b/
        $off4 = /(systemctl|service)\s+(stop|disable)\s+(--now\s+)?(apparmor|auditd|falco|wazuh|clamav|crowdstrike|falcon-sensor|osqueryd|firewalld)|service\s+(apparmor|auditd|iptables|firewalld)\s+stop/
        $off5 = /chattr\s+-[iae]+\s+\/etc\/ld\.so\.preload/
        $off6 = /echo\s+["']?0["']?\s*>\s*\/proc\/sys\/kernel\/nmi_watchdog/
        $off7 = /(aegis|cloudmonitor|qcloud|YunJing|aliyun[_-]service)[^\n]{0,40}(uninstall|stop|kill)|(uninstall|stop|kill)[^\n]{0,60}(aegis|cloudmonitor|qcloud|YunJing|aliyun[_-]service)/
        $off8 = /rm\s+-rf?\s+\/var\/log\/(syslog|auth\.log|secure|wtmp|messages)?\s/
        $fetch = /\b(curl|wget|fetch|lwp-download)\s[^\n]{0,120}https?:\/\//
    condition:
        filesize < 512KB and uint32(0) != 0x464c457f and 3 of ($off*) and $fetch
}

rule script_for_every_processor : T1105 T1059_004
{
    meta:
        title = "Script that fetches one program for every kind of processor"
        description = "it downloads, starts and removes builds for many machines, as bots for devices spread"
        severity = "high"
        action = "quarantine"
    strings:
        $fetch = /\b(wget|curl|tftp|ftpget)\s[^\n]{0,160}/
        $arch1 = /[\/._-](mips|mpsl|mipsel)\b/
        $arch2 = /[\/._-](arm|armv?[4567]l?|aarch64)\b/
        $arch3 = /[\/._-](sh4|superh)\b/
        $arch4 = /[\/._-](ppc|powerpc)\b/
        $arch5 = /[\/._-](m68k|spc|sparc|arc)\b/
        $arch6 = /[\/._-](x86|x86_64|i[3-6]86|x32)\b/
        $mode = /chmod\s+(\+x|777|0?755|a\+x)\s+\S/
        $start = /(^|[\s;&])\.\/\S{1,60}/
        $gone = /\brm\s+-rf?\s+\S/
    condition:
        filesize < 64KB and uint32(0) != 0x464c457f and #fetch >= 4 and 5 of ($arch*) and $mode and $start and $gone
}

rule device_bot : T1110_001 T1498
{
    meta:
        title = "Bot for devices"
        description = "an ELF program that keeps a device from restarting, looks for shells of small devices and for other connections"
        severity = "high"
        action = "quarantine"
    strings:
        $watchdog = "/dev/misc/watchdog"
        $busybox = /\/bin\/busybox [A-Z]{4,10}\b/
        $table = "/proc/net/tcp"
        $self = "/proc/self/exe"
        $answer = /applet not found/
    condition:
        uint32(0) == 0x464c457f and filesize < 2MB and $watchdog and $busybox and ($table or $self) and $answer
}
