/** Family names that are common in eight languages, in Latin letters without accents: to guess the language of a name. */

const NAMES = {
  English:
    'smith jones taylor brown williams wilson johnson davies robinson wright thompson evans walker white roberts green hall wood jackson clarke harrison ward turner hill cooper morris baker bennett parker collins carter mitchell bailey phillips richardson ashworth whitfield thornton holloway bradshaw langley stanton kirby fletcher',
  German:
    'mueller schmidt schneider fischer weber wagner becker schulz hoffmann schaefer koch bauer richter klein wolf schroeder neumann schwarz zimmermann krueger hofmann hartmann lange schmitt werner krause meier lehmann schmid schulze maier koehler herrmann walter mayer huber kaiser fuchs peters scholz moeller weiss jung hahn',
  Italian:
    'rossi russo ferrari esposito bianchi romano colombo ricci marino greco bruno gallo conti costa giordano mancini rizzo lombardi moretti barbieri fontana santoro mariani rinaldi caruso ferrara galli martini leone longo gentile martinelli vitale lombardo serra coppola marchetti parisi villa conte ferraro bianco fabbri pellegrini',
  Spanish:
    'garcia fernandez gonzalez rodriguez lopez martinez sanchez perez gomez martin jimenez ruiz hernandez diaz moreno alvarez munoz romero alonso gutierrez navarro torres dominguez vazquez ramos gil ramirez serrano blanco molina morales suarez ortega delgado castro ortiz rubio marin sanz nunez iglesias medina garrido cortes',
  French:
    'martin bernard dubois thomas robert richard petit durand leroy moreau simon laurent lefebvre michel garcon bertrand roux vincent fournier morel girard andre mercier dupont lambert bonnet francois martinet legrand garnier faure rousseau blanchet guerin muller henry roussel nicolas perrin morin mathieu clement gauthier dumont',
  Russian:
    'ivanov smirnov kuznetsov popov vasiliev petrov sokolov mikhailov novikov fedorov morozov volkov alekseev lebedev semenov egorov pavlov kozlov stepanov nikolaev orlov andreev makarov nikitin zakharov zaitsev soloviev borisov yakovlev grigoriev romanov vorobiev sergeev kuzmin frolov aleksandrov dmitriev korolev gusev kiselev ilyin maksimov polyakov sorokin',
  Japanese:
    'sato suzuki takahashi tanaka watanabe ito yamamoto nakamura kobayashi kato yoshida yamada sasaki yamaguchi matsumoto inoue kimura hayashi shimizu yamazaki mori abe ikeda hashimoto yamashita ishikawa nakajima maeda fujita ogawa goto okada hasegawa murakami kondo ishii saito sakamoto endo aoki fujii nishimura fukuda ota',
  Chinese:
    'wang zhang liu chen yang huang zhao zhou xu sun zhu guo lin gao luo zheng liang xie tang deng feng cao peng zeng xiao tian dong pan yuan cai jiang yu ye cheng wei su lu ding ren shen yao zhong cui tan',
} as const;

/** Languages in the order of their classes. */
export const NAME_LANGUAGES = Object.keys(NAMES);

/** All names with the index of their language. */
export function familyNames(): { texts: string[]; labels: number[] } {
  const lists = Object.values(NAMES).map((names) => names.split(' '));
  return { texts: lists.flat(), labels: lists.flatMap((names, label) => names.map(() => label)) };
}
