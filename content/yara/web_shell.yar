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

rule php_web_shell_hidden : T1505_003 T1027
{
    meta:
        title = "Hidden PHP code"
        description = "a page decodes a long text and runs it"
        severity = "high"
        action = "quarantine"
    strings:
        $open = /<\?(php|=)/ nocase
        $run = /\b(eval|assert)\s*\(\s*(@?(gzinflate|gzuncompress|gzdecode|base64_decode|str_rot13|strrev|rawurldecode)\s*\(\s*){1,6}['"][A-Za-z0-9+\/=]{80}/ nocase
    condition:
        filesize < 4MB and $open and $run
}

rule php_web_shell_by_replacement : T1505_003
{
    meta:
        title = "PHP code run through a replacement or a made function"
        description = "a visitor's text reaches a call that runs its argument as code"
        severity = "high"
        action = "quarantine"
    strings:
        $open = /<\?(php|=)/ nocase
        $replace = /preg_replace\s*\(\s*['"].{1,40}\/[a-z]{0,4}e[a-z]{0,4}['"]\s*,\s*@?\$_(GET|POST|REQUEST|COOKIE)\s*\[/ nocase
        $made = /create_function\s*\(\s*['"][^'"\n]{0,40}['"]\s*,\s*@?(base64_decode\s*\(\s*)?\$_(GET|POST|REQUEST|COOKIE)\s*\[/ nocase
        $mapped = /array_(map|filter|walk)\s*\(\s*@?\$_(GET|POST|REQUEST|COOKIE)\s*\[[^\n]{0,80}\$_(GET|POST|REQUEST|COOKIE)\s*\[/ nocase
    condition:
        filesize < 1MB and $open and ($replace or $made or $mapped)
}

rule php_behind_a_picture : T1505_003 T1036_008
{
    meta:
        title = "Picture that holds PHP code"
        description = "a file that begins as a picture and runs what its visitor sends"
        severity = "high"
        action = "quarantine"
    strings:
        $code = /<\?(php|=)[^\x00]{0,200}\b(eval|assert|system|exec|shell_exec|passthru)\s*\(\s*@?\$_(GET|POST|REQUEST|COOKIE)/ nocase
    condition:
        filesize < 8MB and $code and
        (uint16be(0) == 0xffd8 or uint32be(0) == 0x89504e47 or uint32be(0) == 0x47494638)
}

rule web_server_runs_pictures_as_code : T1505_003 T1562_001
{
    meta:
        title = "Folder setting that runs pictures or foreign code as PHP"
        description = "a .htaccess or .user.ini gives pictures to PHP, or puts a file of a temporary folder before each page"
        severity = "medium"
    strings:
        $type = /Add(Type|Handler)\s+(application\/x-httpd-php|php\d?-script)[^\n]{0,40}\.(jpe?g|png|gif|ico|txt|bmp)\b/ nocase
        $before = /auto_(prepend|append)_file\s*[= ]\s*["']?(\/tmp\/|\/var\/tmp\/|\/dev\/shm\/|php:\/\/input|data:)/ nocase
    condition:
        filesize < 64KB and uint32(0) != 0x464c457f and any of them
}

rule jsp_web_shell_of_processes : T1505_003
{
    meta:
        title = "JSP web shell"
        description = "a page starts a process from, or loads a class out of, a request's parameter"
        severity = "high"
        action = "quarantine"
    strings:
        $open = "<%"
        $start = /new\s+ProcessBuilder\s*\([^;]{0,120}request\s*\.\s*getParameter/
        $class = /defineClass\s*\([^;]{0,200}request\s*\.\s*(getParameter|getReader|getInputStream)/
        $script = /ScriptEngineManager[^;]{0,200}\.\s*eval\s*\(\s*request\s*\.\s*getParameter/
    condition:
        filesize < 1MB and $open and any of ($start, $class, $script)
}

rule aspx_web_shell : T1505_003
{
    meta:
        title = "ASP.NET web shell"
        description = "a page evaluates, or starts a program from, what its visitor sends"
        severity = "high"
        action = "quarantine"
    strings:
        $page = /<%@\s*(Page|WebHandler)\s[^%]{0,80}Language\s*=/ nocase
        $eval = /\beval\s*\(\s*Request\s*[\[.(]/ nocase
        $start = /ProcessStartInfo[^}]{0,300}Request\s*(\[|\.\s*(Form|QueryString|Params|Item))/ nocase
        $arguments = /\.\s*Arguments\s*=\s*[^;]{0,60}Request\s*(\[|\.\s*(Form|QueryString|Params|Item))/ nocase
    condition:
        filesize < 1MB and $page and any of ($eval, $start, $arguments)
}

rule python_web_shell : T1505_003
{
    meta:
        title = "Python web shell"
        description = "a web program runs a request's parameter as a command or as code"
        severity = "high"
        action = "quarantine"
    strings:
        $run = /\b(os\.(system|popen)|subprocess\.(call|run|Popen|check_output|getoutput)|eval|exec)\s*\(\s*(flask\.)?request\.(args|form|values|headers|cookies|data)\b/
        $cgi = /\b(os\.(system|popen)|subprocess\.(call|run|Popen|check_output|getoutput)|eval|exec)\s*\(\s*\w{1,30}\.(getvalue|getfirst)\s*\(/
    condition:
        filesize < 1MB and any of them
}

rule perl_web_shell : T1505_003
{
    meta:
        title = "Perl web shell"
        description = "a CGI program runs a request's parameter as a command"
        severity = "high"
        action = "quarantine"
    strings:
        $perl = /^#!\s*\/\S{1,60}perl/
        $run = /\b(system|exec|open\s*\(?\s*\w+\s*,)\s*\(?\s*["']?(\$\w{1,20}->param|param|\$cgi->param|\$q->param)\s*\(/
        $tick = /`\s*\$?(\{\s*\\?\s*)?(\w{1,20}->)?param\s*\(/
        $query = /`\s*\$ENV\{\s*['"]?QUERY_STRING/
    condition:
        filesize < 1MB and $perl at 0 and any of ($run, $tick, $query)
}

rule node_web_shell : T1505_003 T1059_007
{
    meta:
        title = "Node.js web shell"
        description = "a web program runs a request's parameter as a command or as code"
        severity = "high"
        action = "quarantine"
    strings:
        $run = /(require\s*\(\s*['"](node:)?child_process['"]\s*\)|child_process|cp)\s*\.\s*(exec|execSync|spawn|spawnSync)\s*\(\s*(req|request|ctx)\s*\.\s*(query|body|params|headers)\b/
        $eval = /\beval\s*\(\s*(req|request|ctx)\s*\.\s*(query|body|params|headers)\b/
    condition:
        filesize < 1MB and any of them
}
