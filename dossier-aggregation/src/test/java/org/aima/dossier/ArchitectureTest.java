package org.aima.dossier;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import org.aima.testkit.architecture.ArchitectureRules;
import org.junit.jupiter.api.Test;

/** Dependencies of the job point one way: job, topology, function, core. */
class ArchitectureTest {
    private static final JavaClasses MAIN = ArchitectureRules.mainClasses("org.aima.dossier");
    private static final String CORE = "org.aima.dossier.core..";
    private static final String FUNCTION = "org.aima.dossier.function..";
    private static final String ROOT = "org.aima.dossier";

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
                .resideInAnyPackage(
                        ROOT, "org.aima.stores.(*)..", "org.aima.jobs.launch..", "com.mongodb..")
                .check(MAIN);
    }

    @Test
    void topologyKnowsNoServerAndNoJob() {
        noClasses()
                .that()
                .haveNameMatching(".*(Dossier|Refresh)Topology.*")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "org.aima.stores.(*)..", "org.aima.jobs.launch..", "com.mongodb..")
                .orShould()
                .dependOnClassesThat()
                .haveNameMatching(
                        ".*(DossierAggregationJob|RebuildAction|RefreshAction|DossierAggregationOptions)")
                .check(MAIN);
    }

    @Test
    void onlyTheCompositionRootAndItsAdaptersOpenStores() {
        noClasses()
                .that()
                .haveNameNotMatching(
                        ".*\\.(\\w+Action|MongoDossierShelf|DossierUndo|DossierVerifier|DossierExport|StoredDossierRota|CacheForgettingShelf)(\\$.*)?")
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
                .haveSimpleName("DossierAggregationOptions")
                .should()
                .onlyBeAccessed()
                .byClassesThat()
                .haveNameMatching(
                        ".*\\.(\\w+Action|DossierAggregationOptions|DossierAggregationSettings|RefreshSettings)")
                .check(MAIN);
    }
}
