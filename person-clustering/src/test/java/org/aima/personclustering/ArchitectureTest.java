package org.aima.personclustering;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import org.aima.testkit.architecture.ArchitectureRules;
import org.junit.jupiter.api.Test;

/** Dependencies of the job point one way: job, topology, function, core. */
class ArchitectureTest {
    private static final JavaClasses MAIN =
            ArchitectureRules.mainClasses("org.aima.personclustering");
    private static final String CORE = "org.aima.personclustering.core..";
    private static final String FUNCTION = "org.aima.personclustering.function..";
    private static final String ROOT = "org.aima.personclustering";

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
                .resideInAnyPackage("org.apache.flink..", "org.aima.stores..", FUNCTION, ROOT)
                .check(MAIN);
    }

    @Test
    void functionsKnowNeitherTopologyNorServers() {
        noClasses()
                .that()
                .resideInAPackage(FUNCTION)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(ROOT, "org.aima.stores.(*)..", "org.aima.jobs.launch..")
                .check(MAIN);
    }

    @Test
    void topologyKnowsNoServerAndNoJob() {
        noClasses()
                .that()
                .haveNameMatching(".*(PersonClustering|Assign)Topology.*")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.aima.stores.(*)..", "org.aima.jobs.launch..")
                .orShould()
                .dependOnClassesThat()
                .haveNameMatching(
                        ".*(PersonClusteringJob|ReclusterAction|AssignAction|PersonClusteringOptions"
                                + "|AssignOptions)")
                .check(MAIN);
    }

    @Test
    void onlyTheCompositionRootOpensStores() {
        noClasses()
                .that()
                .haveNameNotMatching(
                        ".*\\.(ReclusterAction|AssignAction|PersonModels|PersonUndo|PersonVerifier"
                                + "|StoredPersons|PersonWriter|CacheForgettingPersons)(\\$.*)?")
                .should()
                .dependOnClassesThat(
                        resideInAPackage("org.aima.stores.(*)..")
                                .and(not(resideInAPackage("org.aima.stores"))))
                .check(MAIN);
    }

    @Test
    void onlyTheCompositionRootKnowsOptions() {
        classes()
                .that()
                .haveNameMatching(".*\\.(PersonClusteringOptions|AssignOptions)")
                .should()
                .onlyBeAccessed()
                .byClassesThat()
                .haveNameMatching(
                        ".*\\.(ReclusterAction|AssignAction|PersonClusteringOptions|AssignOptions"
                                + "|PersonClusteringSettings|AssignSettings)")
                .check(MAIN);
    }
}
