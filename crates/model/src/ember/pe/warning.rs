//! The original reader's complaints, in the order of their dimensions. A feature file gives them as sentences; those are
//! recognised by a hash, and are not repeated here.

use crate::ember::hashing::murmur3;

/// Kinds of complaints; the dimension behind the last counts how many kinds there are.
pub(in crate::ember) const COUNT: usize = 87;

macro_rules! warnings {
    ($(($name:ident, $hash:literal),)*) => {
        /// One kind of complaint; its number is its dimension.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[allow(dead_code, reason = "some are only ever read from feature files")]
        #[repr(u32)]
        pub(in crate::ember) enum Warning {
            $($name,)*
        }

        const TABLE: [(Warning, u32); COUNT] = [$((Warning::$name, $hash),)*];
    };
}

warnings! {
    (EntryOutsideSections, 0xb264e3af),
    (RelocationRva, 0xd558f768),
    (ByteMajority, 0x85a02d09),
    (CorruptHeader, 0xe67bd75a),
    (ImportTableDamaged, 0xe9feb0c3),
    (LoadConfigFormat, 0x36875bd0),
    (ImportsTooMany, 0x64f664e1),
    (ResourceDataEntry, 0x59668b0f),
    (ExportDirectory, 0x2682d0d8),
    (ResourceStringData, 0xa7981fa6),
    (VersionFileInfo, 0x279ceecf),
    (DelayImportDirectory, 0xcc95e96e),
    (DelayImportDirectoryRva, 0xabe59333),
    (ImportDirectoryRva, 0x9d6f2a64),
    (ImportDirectoryData, 0xa4f0117c),
    (ImportTableBounds, 0x593ddc46),
    (ImportTableOverlap, 0xab515cd5),
    (ImportTableRva, 0xdd4b8c58),
    (ResourceDepth, 0x400ed2a0),
    (ResourceDirectoryEntries, 0x731a8503),
    (ResourceFileEntries, 0xcc4cae4b),
    (ResourceEntry, 0x4ae8f133),
    (ResourceNamesOverlap, 0x67c68999),
    (ResourceNameUnreadable, 0x717a1edf),
    (VersionRva, 0xcaf9d6cf),
    (VersionInfoString, 0xa874d786),
    (VersionVarString, 0x351cf4ec),
    (VersionStringFileInfo, 0x1cbb3628),
    (VersionStringTable, 0x9b9c486a),
    (VersionStringTableKey, 0xdc5142eb),
    (VersionStringTableValue, 0x13446201),
    (ImportsExcessive, 0x048a42f2),
    (ExportsRepeatedTen, 0x9860c8fa),
    (ChainedUnwindEntry, 0x71a7b50c),
    (PascalString, 0x0f87e53f),
    (UnicodeString, 0x17c6cf16),
    (DirectoryFailed, 0xa1e19feb),
    (UnwindEntryMissing, 0xe2824e44),
    (SectionAlignment, 0x3f450be9),
    (FileAlignment, 0x04d50a1a),
    (ImportsOfPacker, 0x117bb980),
    (BddRelocation, 0xf47e75ec),
    (BddInfo, 0x72b903e7),
    (DebugInfo, 0x99bd4979),
    (FunctionOverrideHeader, 0x490a8afb),
    (FunctionOverrideInfo, 0x56278d02),
    (DynamicRelocationTable, 0x46eba345),
    (LoadConfig, 0xd6f0fce0),
    (RelocationData, 0xb2e3c53b),
    (RelocationBlockSize, 0x33deefd1),
    (RelocationOutsideImage, 0xdecdb087),
    (ResourceDirectoryRead, 0x39f94271),
    (ResourceDirectoryParse, 0x9d495b90),
    (Tls, 0xa2fb6b3e),
    (OptionalHeaderType, 0x5c6bcd5c),
    (VersionBlock, 0x989a7f06),
    (DynamicRelocationVersion, 0xa711be16),
    (RelocationOverlap, 0x047f03c6),
    (EntryOutsideFile, 0xa02cc5e7),
    (NoRelocations, 0xac01c038),
    (ResourceSize, 0xfc1ede0f),
    (RichMalformed, 0xd928726f),
    (RichFormat, 0x2e0a6f10),
    (ExportFunctionsRva, 0x917793eb),
    (ExportNamesRva, 0x6c8912b0),
    (BoundImportRva, 0xedeae815),
    (HeadersBeforeEntry, 0x589964b5),
    (SectionWritableExecutable, 0xa4e465fd),
    (RvaCount, 0xcb425272),
    (SectionSuspicious, 0xaf04fbbe),
    (BoundImports, 0x5a0d1d9e),
    (SectionWarnings, 0x080ab67b),
    (DelayImportErrors, 0x48508224),
    (ImportErrors, 0x242fa0ba),
    (SectionsTooMany, 0x477201ed),
    (UnwindCode, 0x875ef2bb),
    (UnwindVersion, 0x306d2721),
    (SectionZeros, 0x3d9743ec),
    (SectionNoData, 0xb4f25082),
    (SectionPointerBeyond, 0xf5c89bd7),
    (SectionPointerAlignment, 0x3aa6aa3d),
    (SectionSizeBeyond, 0x0cd5a31c),
    (SectionVirtualSize, 0x2ba123d6),
    (SectionVirtualAddress, 0x43d573e0),
    (ExportSymbolEntries, 0x98a2b291),
    (ExportOrdinalEntries, 0xddfbbd3a),
    (ExportCorrupt, 0xa3408354),
}

/// The complaint that a feature file gives by its (shortened) sentence.
pub(in crate::ember) fn by_text(text: &str) -> Option<Warning> {
    let hash = murmur3(text.as_bytes());
    TABLE.iter().find(|(_, known)| *known == hash).map(|(warning, _)| *warning)
}
