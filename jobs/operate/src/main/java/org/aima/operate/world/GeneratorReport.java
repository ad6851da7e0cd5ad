package org.aima.operate.world;

import java.util.Map;

/**
 * What was generated.
 *
 * @param lines by file
 * @param poison rows broken on purpose, by kind
 */
public record GeneratorReport(Map<String, Long> lines, Map<String, Long> poison) {
    public GeneratorReport {
        lines = Map.copyOf(lines);
        poison = Map.copyOf(poison);
    }
}
