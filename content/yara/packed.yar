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
