// Shells that call home, by the few lines everyone copies.
rule reverse_shell_script : T1059_004 T1071
{
    meta:
        title = "Script that gives a shell to a remote host"
        description = "a short script joins a shell's input and output to a connection"
        severity = "high"
    strings:
        $bash = /(ba|z|)sh\s+-i\s*(>&|&>|>)\s*\/dev\/tcp\/[^\s\/]{1,100}\/\d{1,5}/
        $fifo = /mkfifo\s+(\S+)[^\n]{0,80}\|\s*(\/bin\/)?(ba|)sh\s+-i[^\n]{0,40}\|\s*(nc|ncat|netcat|telnet|openssl)\s/
        $nc = /\b(nc|ncat|netcat)\s+[^\n|]{0,80}-e\s*(\/usr)?\/bin\/(ba|da|)sh/
        $socat = /socat\s[^\n]{0,120}exec:['"]?(\/bin\/)?(ba|)sh[^\n]{0,80}(tcp|openssl):/ nocase
    condition:
        filesize < 64KB and uint32(0) != 0x464c457f and any of them
}

rule reverse_shell_in_an_interpreter : T1059_006
{
    meta:
        title = "Interpreter code that gives a shell to a remote host"
        description = "it connects, puts the connection over standard input and output, and starts a shell"
        severity = "high"
    strings:
        $py_socket = /socket\.socket\([^\n]{0,80}\)/
        $py_dup = /os\.dup2\(\s*\w+\.fileno\(\)\s*,\s*[012]\s*\)/
        $py_shell = /(subprocess\.(call|run|Popen)|pty\.spawn|os\.system)\(\s*\[?\s*["'](\/bin\/)?(ba|da|)sh["']/
        $perl_dup = /open\(?\s*STDIN\s*,\s*["']>&\w+["']/
        $perl_shell = /exec\s*\(?\s*["']\/bin\/(ba|)sh -i/
    condition:
        filesize < 64KB and (all of ($py_*) or all of ($perl_*))
}
