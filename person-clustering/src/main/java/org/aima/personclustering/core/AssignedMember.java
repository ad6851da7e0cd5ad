package org.aima.personclustering.core;

/** An embedding with the person it now belongs to and its similarity to its cluster. */
public record AssignedMember(String personId, double similarity, Member member) {}
