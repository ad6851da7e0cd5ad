package org.aima.personclustering.core;

/** Where in a medium a cluster is seen or heard; seconds. */
public record Placement(
        String cluster, String mediaId, boolean face, double startSeconds, double endSeconds) {}
