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

rule reverse_shell_in_php : T1059 T1071
{
    meta:
        title = "PHP code that gives a shell to a remote host"
        description = "it opens a connection and gives its ends to a shell"
        severity = "high"
    strings:
        $open = /\b(p?fsockopen|stream_socket_client)\s*\(/
        $shell = /(proc_open|shell_exec|exec|popen|system)\s*\(\s*["'][^"'\n]{0,40}\/?(bin\/)?(ba|da|)sh\s+-i/
        $variable = /=\s*["'][^"'\n]{0,60}\/bin\/(ba|da|)sh -i["']/
        $start = "proc_open"
    condition:
        filesize < 64KB and $open and ($shell or ($variable and $start))
}

rule reverse_shell_in_ruby_or_lua : T1059 T1071
{
    meta:
        title = "Ruby or Lua code that gives a shell to a remote host"
        description = "it connects and runs what it is sent"
        severity = "high"
    strings:
        $ruby_socket = /TCPSocket\.(new|open)\s*\(/
        $ruby_shell = /(exec\s*\(?\s*sprintf\s*\(\s*["']\/bin\/(ba|)sh -i <&%d|IO\.popen\s*\(\s*\w{1,20}\s*,\s*["']r)/
        $lua_socket = /require\s*\(?\s*["']socket["']\s*\)?/
        $lua_shell = /(os\.execute\s*\(\s*["']\/bin\/(ba|)sh -i <&|io\.popen\s*\(\s*\w{1,20}\s*,\s*["']r["']\s*\))/
        $lua_receive = /:receive\s*\(/
    condition:
        filesize < 64KB and uint32(0) != 0x464c457f and
        (all of ($ruby_*) or ($lua_socket and $lua_shell and $lua_receive))
}

rule reverse_shell_in_awk : T1059_004 T1071
{
    meta:
        title = "Awk code that gives a shell to a remote host"
        description = "it reads commands from a connection and writes their output back"
        severity = "high"
    strings:
        $connection = /["']\/inet6?\/tcp\/0\/[^"'\n]{1,100}\/\d{1,5}["']/
        $read = /\|&\s*getline/
        $run = /\w{1,20}\s*\|&?\s*getline[^\n]{0,80}(print|printf)[^\n]{0,40}\|&/
    condition:
        filesize < 64KB and uint32(0) != 0x464c457f and $connection and $read and $run
}

rule shellcode_that_connects_and_starts_a_shell : T1055 T1059_004
{
    meta:
        title = "Machine code that connects and starts a shell"
        description = "short x86-64 code makes a socket, puts it over standard input and output, and starts a shell"
        severity = "medium"
    strings:
        $socket = { 6a 29 58 [0-12] 0f 05 }
        $connect = { 6a 2a 58 [0-12] 0f 05 }
        $over = { 6a 21 58 [0-12] 0f 05 }
        $shell = { 48 (b8 | bb | b9 | ba | bf | be) 2f 62 69 6e 2f (73 68 00 | 2f 73 68) }
    condition:
        filesize < 64KB and all of them
}
