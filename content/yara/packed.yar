import "elf"

// Not bad in itself: worth a record where a packed program stands in a place anyone may write.
rule elf_packed_with_upx : T1027_002
{
    meta:
        title = "Packed with UPX"
        description = "the program unpacks itself at its start"
        severity = "info"
    strings:
        $mark = "UPX!"
        $info = "$Info: This file is packed with the UPX executable packer"
    condition:
        uint32(0) == 0x464c457f and $mark in (0..1024) and $info
}

rule elf_without_sections_that_maps_itself : T1027
{
    meta:
        title = "ELF without a section table that is almost all one writable, executable segment"
        description = "a shape that linkers do not make and packers and shellcode builders do"
        severity = "low"
    condition:
        uint32(0) == 0x464c457f and elf.sections.len() == 0 and elf.segments.len() > 0 and
        elf.segments.len() <= 2 and
        for any segment in elf.segments : (
            segment.type == elf.PT_LOAD and
            (segment.flags & 7) == 7 and
            segment.file_size > filesize * 9 \ 10
        )
}

rule elf_packed_with_a_hidden_upx : T1027_002
{
    meta:
        title = "Packed with UPX whose marks were removed"
        description = "the start code of UPX without the marks that UPX itself leaves, so that it cannot be unpacked"
        severity = "medium"
    strings:
        $stub = "PROT_EXEC|PROT_WRITE failed."
        $mark = "UPX!"
    condition:
        uint32(0) == 0x464c457f and filesize < 32MB and $stub and not $mark
}

rule shell_script_compiled_to_a_program : T1027
{
    meta:
        title = "Shell script hidden in a program"
        description = "a shell script was encrypted into an ELF program that decrypts and runs it"
        severity = "low"
    strings:
        $argument = "E: neither argv[0] nor $_ works."
        $expired = "has expired!"
        $call = "<null>"
    condition:
        uint32(0) == 0x464c457f and filesize < 4MB and $argument and ($expired or $call)
}

rule python_program_in_one_file : T1027
{
    meta:
        title = "Python program bundled into one file"
        description = "not bad in itself; what it does stands in an archive at its end"
        severity = "info"
    strings:
        $place = "_MEIPASS2"
        $boot = "pyi-runtime-tmpdir"
    condition:
        uint32(0) == 0x464c457f and all of them
}

rule shell_script_with_a_program_behind_it : T1027_009
{
    meta:
        title = "Shell script that carries a program"
        description = "a script cuts a program out of its own end; installers do it too"
        severity = "low"
    strings:
        $shell = /^#!\s*\/(usr\/)?bin\/(env )?(ba|da|z|)sh/
        $cut = /(tail\s+(-n\s*)?\+\d+|sed\s+[^\n]{0,20}\d+,\$|dd\s+[^\n]{0,40}(skip|bs)=)[^\n]{0,60}("?\$0|\$\{?BASH_SOURCE)/
        $elf = { 7f 45 4c 46 (01 | 02) (01 | 02) 01 }
    condition:
        filesize < 64MB and $shell at 0 and $cut in (0..65536) and $elf in (32..filesize)
}
