// What hides others: in the kernel, in every process through the loader, in the log-in.
rule kernel_module_that_hides : T1014 T1547_006
{
    meta:
        title = "Kernel module that hooks system calls to hide something"
        description = "a module looks up the kernel's own tables and names the calls that list files, processes or connections"
        severity = "high"
        action = "quarantine"
    strings:
        $version = "vermagic="
        $look1 = "kallsyms_lookup_name"
        $look2 = "sys_call_table"
        $look3 = "ftrace_set_filter_ip"
        $look4 = "register_kprobe"
        $list1 = /__(x64|arm64|ia32)_sys_getdents(64)?/
        $list2 = "tcp4_seq_show"
        $list3 = "tcp6_seq_show"
        $list4 = "udp4_seq_show"
        $list5 = /__(x64|arm64|ia32)_sys_kill/
        $list6 = "commit_creds"
        $list7 = "packet_rcv"
    condition:
        uint32(0) == 0x464c457f and uint16(16) == 1 and $version and any of ($look*) and 3 of ($list*)
}

rule library_that_hides_by_preload : T1574_006 T1014
{
    meta:
        title = "Library that hides files or connections from every program"
        description = "a library to be preloaded that stands before the calls which list folders and read /proc"
        severity = "high"
        action = "quarantine"
    strings:
        $preload = "ld.so.preload"
        $next = "dlsym"
        $list1 = "readdir64"
        $list2 = "readdir"
        $table = "/proc/net/tcp"
        $self = "/proc/self/fd/%d"
        $before1 = "fopen64"
        $before2 = "lxstat"
        $before3 = "unlinkat"
        $before4 = "pam_authenticate"
        $before5 = "getpwnam"
        $before6 = "accept"
    condition:
        uint32(0) == 0x464c457f and uint16(16) == 3 and filesize < 4MB and $preload and $next and all of ($list*) and
        ($table or $self) and 2 of ($before*)
}

rule log_in_module_that_keeps_passwords : T1556_003
{
    meta:
        title = "Log-in module that writes passwords to a file"
        description = "a PAM module holds a format for names with passwords and a path in a folder for everyone"
        severity = "high"
        action = "quarantine"
    strings:
        $module = "pam_sm_authenticate"
        $ask1 = "pam_get_authtok"
        $ask2 = "pam_get_item"
        $format = /%s[:|, -]{1,5}%s[^\n\x00]{0,10}\n/
        $place = /\/(tmp|var\/tmp|dev\/shm|var\/log|var\/lib)\/[\w.\/-]{2,60}/
        $write1 = "fopen"
        $write2 = "fprintf"
        $word = /pass(word|wd)?\s*[=:]\s*%s/ nocase
    condition:
        uint32(0) == 0x464c457f and filesize < 1MB and $module and any of ($ask*) and $place and
        all of ($write*) and ($format or $word)
}

rule log_in_service_that_keeps_passwords : T1556 T1554
{
    meta:
        title = "Secure shell server or client that writes passwords down"
        description = "a build of OpenSSH holds a format for names with passwords"
        severity = "high"
    strings:
        $ssh = /OpenSSH_\d/
        $format = /(user|login|name)\w{0,8}\s{0,2}[:=>-]{1,4}\s{0,2}%s[^\n\x00]{0,30}pass(word|wd)?\s{0,2}[:=>-]{1,4}\s{0,2}%s/ nocase
    condition:
        uint32(0) == 0x464c457f and filesize < 16MB and $ssh and $format
}

rule bpf_program_that_hides : T1014
{
    meta:
        title = "BPF object that stands between programs and the list of files"
        description = "it is attached to both ends of the call that lists folders"
        severity = "medium"
    strings:
        $enter = "sys_enter_getdents64"
        $exit = "sys_exit_getdents64"
        $hide = /(hide|hidden|conceal|unlink_entry|patch_dirent)/
    condition:
        uint32(0) == 0x464c457f and uint16(18) == 247 and all of them
}

rule second_root_account : T1136_001 T1098
{
    meta:
        title = "Script that makes a second root account"
        description = "it appends an account with the rights of root to the password file"
        severity = "high"
    strings:
        $append = /\b(echo|printf)\s+[^\n]{0,20}["']?\w{1,32}:[^:\n]{0,120}:0:0:[^\n]{0,120}>>\s*\/etc\/passwd/
        $made = /\buseradd\s[^\n]{0,60}(-o\s[^\n]{0,20}-u\s*0|-ou\s*0|-u\s*0\s[^\n]{0,20}-o)\b/
    condition:
        filesize < 256KB and uint32(0) != 0x464c457f and any of them
}

rule shell_with_lasting_rights : T1548_001
{
    meta:
        title = "Script that leaves a set-uid shell behind"
        description = "it copies a shell and makes the copy run with its owner's rights"
        severity = "high"
    strings:
        $both = /\bcp\s+(-\w+\s+)?(\/usr)?\/bin\/(ba|da|z|)sh\s+(\/\S{1,80})[^\n]{0,20}(\n|;|&&)[^\n]{0,80}(\n[^\n]{0,80})?chmod\s+(u\+s|\+s|[246]7[0-7]{2}|0?4[0-7]{3})\s/
    condition:
        filesize < 256KB and uint32(0) != 0x464c457f and $both
}

rule script_that_wipes_its_traces : T1070_002 T1070_003
{
    meta:
        title = "Script that wipes log-ins and the command history"
        description = "it empties several of the files that tell who was there"
        severity = "medium"
    strings:
        $log1 = /(>|truncate\s+-s\s*0|shred\s[^\n]{0,20}|rm\s+-\w*f\w*|cat\s+\/dev\/null\s*>)\s*\/var\/log\/wtmp/
        $log2 = /(>|truncate\s+-s\s*0|shred\s[^\n]{0,20}|rm\s+-\w*f\w*|cat\s+\/dev\/null\s*>)\s*\/var\/log\/btmp/
        $log3 = /(>|truncate\s+-s\s*0|shred\s[^\n]{0,20}|rm\s+-\w*f\w*|cat\s+\/dev\/null\s*>)\s*\/var\/log\/lastlog/
        $log4 = /(>|truncate\s+-s\s*0|shred\s[^\n]{0,20}|rm\s+-\w*f\w*|cat\s+\/dev\/null\s*>)\s*\/var\/log\/(auth\.log|secure)/
        $history = /(history\s+-c|unset\s+HISTFILE|HISTFILE=\/dev\/null|(>|rm\s+-\w*f\w*)\s*(~|\$HOME|\/root)\/\.bash_history)/
    condition:
        filesize < 256KB and uint32(0) != 0x464c457f and 2 of ($log*) and $history
}
