package org.aima.archival;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import org.aima.testkit.architecture.ArchitectureRules;
import org.junit.jupiter.api.Test;

/** Dependencies of the job point one way: job, topology, function, store, parquet, core. */
class ArchitectureTest {
    private static final JavaClasses MAIN = ArchitectureRules.mainClasses("org.aima.archival");
    private static final String ROOT = "org.aima.archival";
    private static final String CORE = "org.aima.archival.core..";
    private static final String PARQUET = "org.aima.archival.parquet..";
    private static final String STORE = "org.aima.archival.store..";
    private static final String FUNCTION = "org.aima.archival.function..";

    @Test
    void keepsTheRulesOfTheSuite() {
        ArchitectureRules.checkAll(MAIN);
    }

    @Test
    void coreIsPlainJava() {
        noClasses()
                .that()
                .resideInAPackage(CORE)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "org.apache.flink..",
                        "org.apache.parquet..",
                        "org.aima.stores..",
                        PARQUET,
                        STORE,
                        FUNCTION,
                        ROOT)
                .check(MAIN);
    }

    @Test
    void filesKnowNeitherFlinkNorStores() {
        noClasses()
                .that()
                .resideInAPackage(PARQUET)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "org.apache.flink..", "org.aima.stores..", STORE, FUNCTION, ROOT)
                .check(MAIN);
    }

    @Test
    void storesKnowNoFlink() {
        noClasses()
                .that()
                .resideInAPackage(STORE)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.apache.flink..", FUNCTION, ROOT)
                .check(MAIN);
    }

    @Test
    void functionsKnowNeitherTopologyNorServers() {
        noClasses()
                .that()
                .resideInAPackage(FUNCTION)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        ROOT,
                        "org.aima.stores.(*)..",
                        "org.aima.archival.store.(*)..",
                        "org.aima.jobs.launch..")
                .check(MAIN);
    }

    @Test
    void topologiesKnowNoServerAndNoAction() {
        noClasses()
                .that()
                .haveNameMatching(".*Topology(\\$.*)?")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "org.aima.stores.(*)..",
                        "org.aima.archival.store.(*)..",
                        "org.aima.jobs.launch..")
                .orShould()
                .dependOnClassesThat()
                .haveNameMatching(".*(Job|Action|Options)")
                .check(MAIN);
    }
}
