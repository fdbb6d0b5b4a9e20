//! Words for the features of a file's structure.

use crate::recorder::Phrase;

macro_rules! phrases {
    ($($name:ident, $key:literal, $en:literal, $none_en:literal, $ja:literal, $none_ja:literal;)*) => {
        $(pub const $name: Phrase = Phrase { key: $key, en: $en, none_en: $none_en, ja: $ja, none_ja: $none_ja };)*
    };
}

phrases! {
    FILE, "file", "size and spread of the file's bytes", "an empty file", "ファイルの大きさとバイト分布", "空のファイル";
    HEADER, "header", "fields of the ELF header", "no such field in the ELF header", "ELFヘッダの値", "ELFヘッダに該当値なし";
    MACHINE, "machine", "built for this processor", "not built for that processor", "このプロセッサ向け", "そのプロセッサ向けではない";
    ENTRY, "entry", "where the program begins is unusual", "begins where programs begin", "開始位置が通常と異なる", "開始位置は通常どおり";
    SEGMENTS, "segments", "how memory is laid out", "no such memory segment", "メモリ配置", "該当するメモリ区画なし";
    WRITE_EXEC, "write-exec", "memory that is writable and executable at once", "no memory writable and executable at once", "書込と実行が同時に可能なメモリ", "書込と実行が同時に可能なメモリなし";
    STACK, "stack", "an executable stack", "the stack is not executable", "実行可能なスタック", "スタックは実行不可";
    SECTIONS, "sections", "which sections it has and how large", "a usual section is missing", "セクションの有無と大きさ", "通常のセクションが欠けている";
    SECTION_ENTROPY, "section.entropy", "how dense the bytes of its sections are", "no bytes in that section", "セクションの情報密度", "該当セクションにデータなし";
    PACKED, "packed", "looks packed or encrypted", "not packed", "圧縮または暗号化されている様子", "圧縮されていない";
    LIES, "lies", "the headers contradict the file", "the headers agree with the file", "ヘッダがファイル内容と矛盾", "ヘッダは内容と一致";
    OVERLAY, "overlay", "data behind the end of the program", "no data behind the end of the program", "プログラム末尾の後ろにデータ", "末尾の後ろにデータなし";
    SYMBOLS, "symbols", "how many names of functions and data it keeps", "its names are removed", "関数名とデータ名の数", "名前が取り除かれている";
    IMPORTS, "imports", "what it takes from libraries", "takes nothing from libraries", "ライブラリから使うもの", "ライブラリを使わない";
    RARITY, "imports.rarity", "imports that few programs have", "imports that every program has", "珍しい関数を使う", "一般的な関数のみ使う";
    RELOCATIONS, "relocations", "how it is bound when loaded", "nothing is bound when loaded", "読込時の結合方法", "読込時の結合なし";
    RUNTIME, "runtime", "the language and C library it was made with", "not made with that language or library", "使用された言語とCライブラリ", "その言語やライブラリではない";
    STATIC, "static", "carries all its libraries inside", "uses the system's libraries", "ライブラリをすべて内蔵", "システムのライブラリを使用";
    BUILD, "build", "marks of the compiler and linker", "no marks of the compiler and linker", "コンパイラとリンカの痕跡", "コンパイラとリンカの痕跡なし";
    STRINGS, "strings", "how much text it holds", "holds no text", "含まれる文字列の量", "文字列なし";
    ADDRESSES, "strings.address", "network addresses written into it", "no network address written into it", "埋め込まれたネットワークアドレス", "埋め込みアドレスなし";
    BLOBS, "strings.blob", "encoded data in its text", "no encoded data in its text", "文字列中の符号化データ", "符号化データなし";
    WALLET, "strings.wallet", "a wallet address", "no wallet address", "ウォレットアドレス", "ウォレットアドレスなし";
    TOGETHER, "together", "abilities that are seldom together", "abilities that go together", "同時に持つのが珍しい能力の組合せ", "一般的な能力の組合せ";
}
