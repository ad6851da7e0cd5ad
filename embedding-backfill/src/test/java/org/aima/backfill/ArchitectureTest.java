package org.aima.backfill;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import org.aima.testkit.architecture.ArchitectureRules;
import org.junit.jupiter.api.Test;

/** Dependencies of the job point one way: actions, topology, function, core. */
class ArchitectureTest {
    private static final JavaClasses MAIN = ArchitectureRules.mainClasses("org.aima.backfill");
    private static final String CORE = "org.aima.backfill.core..";
    private static final String FUNCTION = "org.aima.backfill.function..";
    private static final String FILE = "org.aima.backfill.file..";
    private static final String ROOT = "org.aima.backfill";
    private static final String SERVERS = "org.aima.stores.(*)..";

    @Test
    void keepsTheRulesOfTheSuite() {
        ArchitectureRules.checkAll(MAIN);
    }

    @Test
    void coreIsPlainJavaOverRowsAndSchemas() {
        noClasses()
                .that()
                .resideInAPackage(CORE)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.apache..", SERVERS, FUNCTION, FILE, ROOT)
                .check(MAIN);
    }

    @Test
    void functionsKnowNeitherActionsNorServers() {
        noClasses()
                .that()
                .resideInAPackage(FUNCTION)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(ROOT, SERVERS, FILE, "org.aima.jobs.launch..")
                .check(MAIN);
    }

    @Test
    void filesKnowNoFlinkAndNoServer() {
        noClasses()
                .that()
                .resideInAPackage(FILE)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(ROOT, SERVERS, FUNCTION, "org.apache.flink..")
                .check(MAIN);
    }

    @Test
    void topologyKnowsNoServerNoActionAndNoOption() {
        noClasses()
                .that()
                .haveSimpleName("CopyTopology")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(SERVERS, "org.aima.jobs.launch..", "org.aima.jobs.config..")
                .orShould()
                .dependOnClassesThat()
                .haveNameMatching(".*(Action|Options|Steps)")
                .check(MAIN);
    }
}
