// Pages that run what their visitor sends.
rule php_web_shell : T1505_003
{
    meta:
        title = "PHP web shell"
        description = "a page runs what its visitor sends as code or as a command"
        severity = "high"
        action = "quarantine"
    strings:
        $open = /<\?(php|=)/ nocase
        $run = /\b(eval|assert|system|exec|shell_exec|passthru|popen|proc_open)\s*\(\s*(@|\(string\)\s*)?(base64_decode\s*\(\s*|gzinflate\s*\(\s*|str_rot13\s*\(\s*|stripslashes\s*\(\s*){0,3}\$_(GET|POST|REQUEST|COOKIE|SERVER)\s*\[/ nocase
        $call = /\$_(GET|POST|REQUEST|COOKIE)\s*\[[^\]\n]{1,40}\]\s*\(\s*\$_(GET|POST|REQUEST|COOKIE)\s*\[/ nocase
        $tick = /`\s*\$_(GET|POST|REQUEST|COOKIE)\s*\[[^`\n]{1,80}`/ nocase
    condition:
        filesize < 1MB and $open and ($run or $call or $tick)
}

rule jsp_web_shell : T1505_003
{
    meta:
        title = "JSP web shell"
        description = "a page runs a request's parameter as a command"
        severity = "high"
        action = "quarantine"
    strings:
        $open = "<%"
        $run = /Runtime\s*\.\s*getRuntime\s*\(\s*\)\s*\.\s*exec\s*\(\s*(request\s*\.\s*getParameter|new\s+String\s*\[\s*\]\s*\{[^}]{0,80}request\s*\.\s*getParameter)/
    condition:
        filesize < 1MB and $open and $run
}
