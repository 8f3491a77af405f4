"""Saved copies of a directory as people have them; none is copied from the official one."""

from __future__ import annotations

OURS = (
    "name,aliases,country,activities,referential,certification_body,certificate_number,valid_from,"
    "valid_until,source_url,source_date,confidence\n"
)

#: As a spreadsheet of a French Windows writes it: a title, an empty line, quoted cells of lines.
FRENCH = """\
Liste des hébergeurs certifiés;;;;;;;;
Export du 20/11/2026;;;;;;;;
;;;;;;;;
Raison sociale;SIREN;Pays;Activités;Organisme certificateur;N° de certificat;\
Date de début de validité;Date de fin de validité;Version du référentiel
Alpha Santé SAS;100 000 009;France;"1 - Sites physiques
2 - Infrastructure matérielle
3 - Plateforme d'hébergement d'applications";LNE;="00123";01/11/2024;31/10/2027;v2
Bêta Ops;;FR;5, 6;AFNOR;B-2;1/2/2025;31 octobre 2027;HDS 2024
Gamma;;;Hébergeur infogéreur;;;;1er mars 2026;référentiel 2018
;;;;;;;;
Total : 3 hébergeurs;;;;;;;;
"""

#: A page of a directory, as a browser saves it.
PAGE = """\
<!DOCTYPE html>
<html lang="fr"><head><meta charset="utf-8"><title>Annuaire</title>
<script>var hidden = "<table><tr><th>Nom</th><th>Fin</th></tr><tr><td>Script</td></tr></table>";</script>
<style>td > b { content: "<td>" }</style></head>
<body class="page"><header><nav><ul><li><a href="/">Accueil</a><li><a href="/c">Contact</a></ul></nav></header>
<!-- <table><tr><td>Commentaire</td></tr></table> -->
<template><table><tr><th>Nom<th>Fin<tr><td>Modèle<td>2027-01-01</table></template>
<noscript><table><tr><th>Nom<th>Fin<tr><td>Sans script<td>2027-01-01</table></noscript>
<table class="layout"><tr><td><p>Filtrer</p></td><td>
<table id="liste" data-note='a > b "c"'>
 <caption>3 résultats</caption>
 <thead><tr><th scope="col">H&eacute;bergeur</th><th>P&eacute;rim&egrave;tre</th><th>Certificateur</th>
  <th>&Eacute;ch&eacute;ance</th><th>R&#233;f&#xE9;rentiel</th><th>Cartographie des transferts</th></tr></thead>
 <tbody>
 <tr><td colspan="6">D</td></tr>
 <tr class="odd"><td rowspan="2"><a href="/fiche/1"><b>Delta&nbsp;<i>Cloud</i></b></a><button>Copier</button></td>
  <td><ul><li>Sites physiques</li><li>Infrastructure mat&eacute;rielle</li></ul></td><td>LNE</td>
  <td>31/12/2027</td><td>v2.0</td><td><a href="https://delta.example/transferts">voir la page</a></td></tr>
 <tr><td>Sauvegarde externalis&eacute;e<td>LNE<td>31-12-2026<td>v1.1<td></tr>
 <tr><td>Epsilon &amp; Cie SA</td><td>1, 2, 3, 4, 5 et 6</td><td>BSI</td><td>2028-01-31</td><td>v2023-A</td><td>-</td></tr>
 </tbody></table>
</td></tr></table>
<footer>Mentions l&eacute;gales</footer></body></html>
"""

CARDS = """\
<html><body><h1>Hébergeurs</h1><h2>Résultats de la recherche</h2>
<div class="card"><h3>Zeta SAS</h3><p><strong>Activités :</strong> 1, 2</p>
 <p><strong>Certificateur :</strong> LNE</p><p>Date de fin : 31/12/2027</p></div>
<div class="card"><h3>Eta</h3><p><strong>Activités :</strong> 3 à 6</p><p>Date de fin : 1er mars 2028</p></div>
<p>Mentions : aucune</p></body></html>
"""

#: As a content management system writes it: the parts of a card by their classes alone.
FIELDS = """\
<!DOCTYPE html><html lang="fr"><head><meta charset="utf-8"/><title>Liste</title></head><body>
<header><h2>Navigation principale</h2><ul><li><a href="#">Produits</a></li></ul></header>
<main><h1>Hébergeurs</h1><form><label>Rechercher</label><input type="text"/></form><div>2 résultats</div>
<div class="views-row"><article class="node"><h3 class="title"><a href="/z">Zeta SAS</a></h3>
<div class="field"><div class="field__label">Activités</div><div class="field__items">
 <div class="field__item">Sites physiques</div><div class="field__item">Infrastructure matérielle</div></div></div>
<div class="field"><div class="field__label">Date de fin de validité</div>
 <div class="field__item"><time datetime="2027-12-31">31 décembre 2027</time></div></div>
<a href="/z">Voir la fiche</a></article></div>
<div class="views-row"><article class="node"><h3 class="title"><a href="/e">Eta</a></h3>
<div class="field"><div class="field__label visually-hidden">Date de fin de validité</div>
 <div class="field__item">1 mars 2028</div></div>
<div class="field"><div class="field__label">Activités</div><div class="field__item">3 à 6</div></div>
<a href="/e">Voir la fiche</a></article></div></main><footer><h2>Contact</h2><p>Activité du site</p></footer>
</body></html>
"""

#: Cards that fold, with labels in a line of their own and lists below them.
FOLDED = """\
<html><body><h2>Hébergeurs</h2><h2>E</h2>
<details><summary>Zeta SAS</summary><p>Activités :</p><ul><li>Sites physiques</li><li>Infrastructure
matérielle</li></ul><p>Échéance : 31/12/2027</p><p>Télécharger</p></details>
<details><summary>Eta</summary><p>Échéance : 01/03/2028</p><p>Activités : Infrastructure virtuelle<br>
Plateforme d'hébergement d'applications<br>Administration et exploitation<br>Sauvegarde</p><p>Télécharger</p></details>
</body></html>
"""

#: Labels that nothing shows but that they come again.
BARE = """\
<html><body>
<h3>Zeta SAS</h3><div>Activités</div><div>Sites physiques</div><div>Infrastructure matérielle</div>
<div>Date de fin</div><div>31/12/2027</div><div>Voir</div>
<h3>Eta</h3><div>Date de fin</div><div>01/03/2028</div><div>Activités</div><div>3 à 6</div><div>Voir</div>
</body></html>
"""

#: The second card's name is nowhere: its fields are nobody's.
NAMELESS = """\
<html><body>
<article><h3>Zeta SAS</h3><p>Activités : 1, 2</p><p>Date de fin : 31/12/2027</p></article>
<article><em>Eta</em><p>Certificateur : LNE</p><p>Référentiel : v1</p></article>
</body></html>
"""

DEFINITIONS = """\
<html><body><dl>
<dt>Raison sociale</dt><dd>Zeta SAS</dd><dt>Périmètre</dt><dd>Sites physiques</dd><dd>Sauvegarde</dd>
<dt>Fin de validité</dt><dd>2027-12-31</dd>
<dt>Raison sociale</dt><dd>Eta</dd><dt>Périmètre</dt><dd>3 à 6</dd><dt>Fin de validité</dt><dd>01.03.2028</dd>
</dl></body></html>
"""

TWO_COLUMNS = """\
<table><tr><th>Hébergeur</th><td>Zeta SAS</td></tr><tr><th>Activités</th><td>1 ; 6</td></tr>
<tr><th>Échéance</th><td>31/12/2027</td></tr></table>
<table><tr><th>Hébergeur</th><td>Eta</td></tr><tr><th>Activités</th><td>3-6</td></tr>
<tr><th>Échéance</th><td>March 1, 2028</td></tr></table>
"""

MARKDOWN = """\
# Hosters

| Company | Physical sites | Hardware infrastructure | Virtual infrastructure | Application hosting platform \
| Administration and operation | Backup | Valid until |
|---|:-:|:-:|:-:|:-:|:-:|:-:|---|
| **Zeta** | X | ✓ |  |  |  |  | 31 December 2027 |
| Eta | non | non | oui | OUI | yes | 1 | 2028-03-01 |
| Theta | oui |  | non | non | non | non | 2028-03-01 |
| Iota | peut-être | non | non | non | non | non | 2028-03-01 |
"""

SPACED = """\
Raison sociale      Activités      Fin de validité
Zeta SAS            1, 2           31/12/2027
Eta                                01/03/2028
Theta               1 à 6
"""

LABELLED = """\
Raison sociale : Zeta SAS
Activités : 1, 2
Date de fin : 31/12/2027

Raison sociale :
Eta
Activités : 3 à 6
Date de fin : 01/03/2028
"""
