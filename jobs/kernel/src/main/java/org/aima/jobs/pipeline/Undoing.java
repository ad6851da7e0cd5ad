package org.aima.jobs.pipeline;

import java.util.List;

/**
 * What undoing a run did.
 *
 * @param restored documents and rows brought back to what they were
 * @param already documents and rows that were as before
 * @param gone rows that were deleted since and are left alone
 * @param conflicting documents and rows that something else changed since; when there are any,
 *     nothing was restored
 * @param conflicts some of them, each with what is there
 */
public record Undoing(
        long restored, long already, long gone, long conflicting, List<String> conflicts) {}
