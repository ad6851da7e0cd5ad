package org.aima.testkit.contract;

import java.util.List;

/** Keys that break careless quoting, comparing or paging. */
public final class AwkwardKeys {
    private AwkwardKeys() {}

    /** Different from each other, each storable in every store of the suite. */
    public static List<String> all() {
        return List.of(
                "plain",
                "with space",
                " leading",
                "trailing ",
                "quote\"double",
                "quote'single",
                "\"",
                "'",
                "\"\"",
                "back\\slash",
                "\\",
                "\\\\",
                "\\\"",
                "\\n",
                "new\nline",
                "\n",
                "carriage\rreturn",
                "tab\tstop",
                "control\u0001\u001f\u007f",
                "nul\u0000inside",
                "percent%like_under",
                "{brace}",
                "$dollar",
                "a,b",
                "x in [\"y\"]",
                "x\" or id > \"",
                "\u00e4\u00f6\u00fc\u00df",
                "\u65e5\u672c\u8a9e",
                "\u202eright to left",
                "combining e\u0301",
                "\uff5e full width",
                "\ud83d\ude00 emoji",
                "\ud83d\ude00",
                "\uffee",
                "null",
                "0",
                "00",
                "1e3",
                "Z",
                "z",
                "~");
    }
}
